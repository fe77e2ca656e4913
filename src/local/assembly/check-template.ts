/**
 * What CloudFormation refuses of a template before there is a stack, in its words. They are quoted in public reports; those
 * for numbers of parameters, outputs and mappings are taken to be like the one for resources.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
 */

import { TEMPLATE_OBJECT_MAX_BYTES, TEMPLATE_PARAMETERS_MAX, TEMPLATE_RESOURCES_MAX } from '../../wire/limits';
import { AssemblyError } from '../local-error';
import { checkParameterTypes } from './parameter-constraints';
import { type ChooseBranch, type Reference, referencesIn } from './references';
import { conditionHolds, type ResolveScope } from './resolve-intrinsics';
import { deploymentOrder } from './resource-graph';
import type { Template, TemplateResource } from './template';

const PSEUDO_PARAMETERS = [
  ...['AWS::AccountId', 'AWS::NotificationARNs', 'AWS::NoValue', 'AWS::Partition', 'AWS::Region', 'AWS::StackId'],
  ...['AWS::StackName', 'AWS::URLSuffix'],
];

/** What of a template is there. */
interface Present {
  readonly resources: Readonly<Record<string, TemplateResource>>;
  readonly outputs: NonNullable<Template['Outputs']>;
  readonly choose: ChooseBranch;
}

/**
 * Refuses what is wrong whatever the values of parameters are.
 * @param bytes of the template as it was submitted
 * @throws AssemblyError
 */
export function checkTemplateRules(template: Template, bytes: number): void {
  const { Conditions = {}, Outputs = {}, Parameters = {}, Resources = {} } = template;
  if (bytes > TEMPLATE_OBJECT_MAX_BYTES) {
    throw new AssemblyError(`Template may not exceed ${TEMPLATE_OBJECT_MAX_BYTES} bytes in size.`);
  }
  requireFew('resources', Resources, TEMPLATE_RESOURCES_MAX);
  const untyped = Object.values(Resources).flatMap(({ Type }) => (/^\w+(::\w+)+(@[\w.]+)?$/.test(Type) ? [] : [Type]));
  if (untyped.length > 0) {
    throw new AssemblyError(`Template format error: Unrecognized resource types: [${untyped.join(', ')}]`);
  }
  requireFew('parameters', Parameters, TEMPLATE_PARAMETERS_MAX);
  requireFew('outputs', Outputs, TEMPLATE_PARAMETERS_MAX);
  requireFew('mappings', template.Mappings ?? {}, TEMPLATE_PARAMETERS_MAX);
  checkParameterTypes(Parameters);
  checkConditions(template);
  for (const [block, members] of [
    ['Resources', Resources],
    ['Outputs', Outputs],
  ] as const) {
    const unknown = Object.values(members).find(
      ({ Condition }) => Condition !== undefined && !Object.hasOwn(Conditions, Condition),
    );
    if (unknown) {
      throw formatError(`Unresolved condition dependency ${unknown.Condition} in the ${block} block of the template`);
    }
  }
  const named = Object.values(Resources).flatMap(({ DependsOn = [] }) => DependsOn);
  requireResolved('Resources', new Set(named.filter((name) => !Object.hasOwn(Resources, name))));
  const choose: ChooseBranch = (condition) => {
    if (Object.hasOwn(Conditions, condition)) return 'both';
    throw new AssemblyError(`Template error: unresolved condition dependency ${condition} in Fn::If`);
  };
  checkReferences(template, { resources: Resources, outputs: Outputs, choose });
}

/**
 * Refuses what is wrong with the values that the parameters have.
 * @throws AssemblyError
 */
export function checkChosenResources(template: Template, scope: ResolveScope): void {
  const { Conditions, Outputs = {}, Resources = {} } = template;
  const decided = new Map<string, boolean>();
  const choose = (condition: string) => {
    const holds = decided.get(condition) ?? conditionHolds(condition, scope);
    decided.set(condition, holds);
    return holds;
  };
  const chosen = <T extends { readonly Condition?: string }>(members: Readonly<Record<string, T>>) =>
    Object.fromEntries(
      Object.entries(members).filter(([, { Condition }]) => Condition === undefined || choose(Condition)),
    );
  const resources = chosen(Resources);
  if (Conditions) checkReferences(template, { resources, outputs: chosen(Outputs), choose });
  deploymentOrder(resources);
}

function requireFew(what: string, members: object, most: number): void {
  const count = Object.keys(members).length;
  if (count > most) throw formatError(`Number of ${what}, ${count}, is greater than maximum allowed, ${most}`);
}

function checkConditions({ Conditions = {}, Parameters = {} }: Template): void {
  const known = new Set([...Object.keys(Parameters), ...PSEUDO_PARAMETERS]);
  const unknown = new Set([...referencesIn(Conditions)].map(({ name }) => name).filter((name) => !known.has(name)));
  if (unknown.size === 0) return;
  throw formatError(
    `Unresolved dependencies [${[...unknown].join(', ')}]. Cannot reference resources in the Conditions block of the template`,
  );
}

function checkReferences(template: Template, { choose, outputs, resources }: Present): void {
  const known = new Set([...Object.keys(template.Parameters ?? {}), ...Object.keys(resources), ...PSEUDO_PARAMETERS]);
  const blocks = {
    Resources: Object.values(resources).map(({ Properties }) => Properties),
    Outputs: Object.values(outputs),
  };
  for (const [block, parts] of Object.entries(blocks)) {
    const missing = [...referencesIn(parts, choose)].filter(({ name }) => !known.has(name));
    const isDefined = ({ name }: Reference) => Object.hasOwn(template.Resources ?? {}, name);
    requireResolved(
      block,
      new Set(missing.filter((each) => !each.isAttribute || isDefined(each)).map(({ name }) => name)),
    );
    const [attribute] = missing;
    if (attribute) {
      throw new AssemblyError(`Template error: instance of Fn::GetAtt references undefined resource ${attribute.name}`);
    }
  }
}

function requireResolved(block: string, names: ReadonlySet<string>): void {
  if (names.size === 0) return;
  throw formatError(
    `Unresolved resource dependencies [${[...names].join(', ')}] in the ${block} block of the template`,
  );
}

function formatError(what: string): AssemblyError {
  return new AssemblyError(`Template format error: ${what}`);
}

/**
 * What a change set says would happen: found from the two templates and the parameters, before anything is changed.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ResourceChange.html
 */
import type { AssemblyStack } from '../../assembly/read-assembly';
import { dependenciesOf, deploymentOrder } from '../../assembly/resource-graph';
import type { Template, TemplateResource } from '../../assembly/template';
import { canonicalJson } from '../../canonical-json';
import type { DeployedStack } from '../../engine/deployed-stack';
import type { StackRecord, StackRequest } from '../../engine/stack-record';
import { type ProviderFinder, providerFinder } from '../../resources/registry';

export interface ChangeSet {
  readonly id: string;
  readonly name: string;
  readonly record: StackRecord;
  /** That of the record when it was created. */
  readonly revision: number;
  readonly isUpdate: boolean;
  readonly createdAt: number;
  readonly description: string | undefined;
  readonly changes: readonly ResourceChange[];
  /** Why it cannot be executed. */
  readonly problem: string | undefined;
  readonly stack: AssemblyStack;
  readonly request: StackRequest;
  status: 'AVAILABLE' | 'UNAVAILABLE' | 'EXECUTE_COMPLETE';
}

/** With the names of the API. */
export interface ResourceChange {
  readonly Action: 'Add' | 'Modify' | 'Remove';
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId?: string;
  readonly ResourceType: string;
  readonly Replacement?: 'True' | 'False' | 'Conditional';
  readonly Scope?: readonly string[];
  readonly Details?: readonly ChangeDetail[];
}

interface ChangeDetail {
  readonly Target: {
    readonly Attribute: string;
    readonly Name?: string;
    readonly RequiresRecreation: 'Always' | 'Never' | 'Conditionally';
  };
  readonly Evaluation: 'Static' | 'Dynamic';
  readonly ChangeSource: 'DirectModification' | 'ParameterReference' | 'ResourceReference';
  readonly CausingEntity?: string;
}

/** What is compared: a template with the values of its parameters. */
export interface Version {
  readonly template: Template;
  readonly parameters: Readonly<Record<string, string>>;
}

/** @param deployed undefined for a stack that is new */
export function changesBetween(before: Version, after: Version, deployed: DeployedStack | undefined): ResourceChange[] {
  const findProvider = providerFinder({ inertTypes: ['*'], dynamoDb: true });
  const old = before.template.Resources ?? {};
  const now = after.template.Resources ?? {};
  const changedParameters = Object.keys({ ...before.parameters, ...after.parameters }).filter(
    (name) => before.parameters[name] !== after.parameters[name],
  );
  const changed = new Map<string, ResourceChange>();
  const physical = (id: string) => {
    const physicalId = deployed?.resources.get(id)?.physicalId;
    return physicalId === undefined ? {} : { PhysicalResourceId: physicalId };
  };
  for (const id of deploymentOrder(now)) {
    const resource = now[id];
    const previous = old[id];
    if (resource === undefined) continue;
    if (previous === undefined) {
      changed.set(id, { Action: 'Add', LogicalResourceId: id, ResourceType: resource.Type });
      continue;
    }
    const replaced = dependenciesOf(id, now).filter((name) => changed.get(name)?.Replacement === 'True');
    const details = detailsOf(previous, resource, { findProvider, changedParameters, replaced });
    if (details.length === 0) continue;
    const recreations = details.map(({ Target }) => Target.RequiresRecreation);
    changed.set(id, {
      Action: 'Modify',
      LogicalResourceId: id,
      ...physical(id),
      ResourceType: resource.Type,
      Replacement: recreations.includes('Always')
        ? 'True'
        : recreations.includes('Conditionally')
          ? 'Conditional'
          : 'False',
      Scope: [...new Set(details.map(({ Target }) => Target.Attribute))],
      Details: details,
    });
  }
  const removed = Object.keys(old).filter((id) => !Object.hasOwn(now, id));
  for (const id of removed) {
    const ResourceType = old[id]?.Type ?? '';
    changed.set(id, { Action: 'Remove', LogicalResourceId: id, ...physical(id), ResourceType });
  }
  return [...changed.values()];
}

interface Surroundings {
  readonly findProvider: ProviderFinder;
  readonly changedParameters: readonly string[];
  /** Resources that this one refers to and that will be other ones. */
  readonly replaced: readonly string[];
}

function detailsOf(
  before: TemplateResource,
  after: TemplateResource,
  { changedParameters, findProvider, replaced }: Surroundings,
): ChangeDetail[] {
  const provider = findProvider(after.Type);
  const old = before.Properties ?? {};
  const now = after.Properties ?? {};
  // Without an update every change makes a new resource.
  const recreates = (name: string) => !provider?.update || (provider.replacedBy ?? []).includes(name);
  const properties = Object.keys({ ...old, ...now }).flatMap((name): ChangeDetail[] => {
    const target = (known: 'Always' | 'Conditionally') => ({
      Attribute: 'Properties',
      Name: name,
      RequiresRecreation: recreates(name) ? known : ('Never' as const),
    });
    if (canonicalJson(old[name]) !== canonicalJson(now[name])) {
      return [{ Target: target('Always'), Evaluation: 'Static', ChangeSource: 'DirectModification' }];
    }
    const text = JSON.stringify(now[name] ?? null);
    const parameter = changedParameters.find((each) => mentions(text, each));
    if (parameter !== undefined) {
      return [
        {
          Target: target('Always'),
          Evaluation: 'Static',
          ChangeSource: 'ParameterReference',
          CausingEntity: parameter,
        },
      ];
    }
    const resource = replaced.find((each) => mentions(text, each));
    if (resource === undefined) return [];
    return [
      {
        Target: target('Conditionally'),
        Evaluation: 'Dynamic',
        ChangeSource: 'ResourceReference',
        CausingEntity: resource,
      },
    ];
  });
  const attributes = (['Metadata', 'DeletionPolicy', 'UpdateReplacePolicy'] as const).flatMap(
    (Attribute): ChangeDetail[] =>
      canonicalJson(before[Attribute]) === canonicalJson(after[Attribute])
        ? []
        : [
            {
              Target: { Attribute, RequiresRecreation: 'Never' },
              Evaluation: 'Static',
              ChangeSource: 'DirectModification',
            },
          ],
  );
  return [...properties, ...attributes];
}

/** Whether a value in JSON refers to a parameter or resource: by `Ref`, `Fn::GetAtt` or within `Fn::Sub`. */
function mentions(json: string, name: string): boolean {
  return [`"Ref":"${name}"`, `"Fn::GetAtt":["${name}"`, `"Fn::GetAtt":"${name}.`, `\${${name}}`, `\${${name}.`].some(
    (form) => json.includes(form),
  );
}

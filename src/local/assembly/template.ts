/**
 * A CloudFormation template as the CDK writes it: JSON, resources with properties that may hold intrinsic functions.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
 */

import { ShapeCheck } from './json-file';

export interface Template {
  readonly Description?: unknown;
  readonly Resources?: Readonly<Record<string, TemplateResource>>;
  readonly Parameters?: Readonly<Record<string, TemplateParameter>>;
  readonly Outputs?: Readonly<Record<string, TemplateOutput>>;
  readonly Conditions?: Readonly<Record<string, unknown>>;
  readonly Mappings?: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
  readonly Transform?: unknown;
  readonly Rules?: Readonly<Record<string, TemplateRule>>;
}

export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DependsOn?: string | readonly string[];
  readonly Condition?: string;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly Metadata?: Readonly<Record<string, unknown>>;
}

export interface TemplateParameter {
  readonly Type: string;
  readonly Default?: unknown;
  readonly AllowedValues?: readonly unknown[];
  /** A regular expression of Java. */
  readonly AllowedPattern?: unknown;
  /** Numbers, or texts of numbers. */
  readonly MinLength?: unknown;
  readonly MaxLength?: unknown;
  readonly MinValue?: unknown;
  readonly MaxValue?: unknown;
  readonly ConstraintDescription?: unknown;
  /** `true`, or the word. */
  readonly NoEcho?: unknown;
}

interface TemplateRule {
  readonly RuleCondition?: unknown;
  readonly Assertions?: readonly { readonly Assert?: unknown; readonly AssertDescription?: unknown }[];
}

interface TemplateOutput {
  readonly Value: unknown;
  readonly Description?: unknown;
  readonly Condition?: string;
  readonly Export?: { readonly Name: unknown };
}

/** The template in `value`. @throws AssemblyError that names the place and what stands there */
export function checkTemplate(value: unknown, where: string): Template {
  const check = new ShapeCheck(where);
  const template = check.object(value, 'the template');
  for (const [name, resource] of check.members(template, 'Resources')) {
    const entry = check.object(resource, `resource ${name}`);
    check.text(entry['Type'], `Type of resource ${name}`);
    check.optional(entry['Condition'], (condition) => check.text(condition, `Condition of resource ${name}`));
    check.optional(entry['Properties'], (properties) => check.object(properties, `Properties of resource ${name}`));
    check.optional(entry['Metadata'], (metadata) => check.object(metadata, `Metadata of resource ${name}`));
    const { DependsOn = [] } = entry;
    for (const dependency of [DependsOn].flat()) check.text(dependency, `DependsOn of resource ${name}`);
  }
  for (const [name, parameter] of check.members(template, 'Parameters')) {
    const entry = check.object(parameter, `parameter ${name}`);
    check.text(entry['Type'], `Type of parameter ${name}`);
    check.optional(entry['AllowedValues'], (values) => check.list(values, `AllowedValues of parameter ${name}`));
  }
  for (const [name, output] of check.members(template, 'Outputs')) {
    const entry = check.object(output, `output ${name}`);
    if (entry['Value'] === undefined) check.refuse(`output ${name}`, 'must have a Value', output);
    check.optional(entry['Condition'], (condition) => check.text(condition, `Condition of output ${name}`));
    check.optional(entry['Export'], (exported) => check.object(exported, `Export of output ${name}`));
  }
  check.members(template, 'Conditions');
  for (const [name, rule] of check.members(template, 'Rules')) {
    const { Assertions = [] } = check.object(rule, `rule ${name}`);
    for (const assertion of check.list(Assertions, `Assertions of rule ${name}`)) {
      check.object(assertion, `an assertion of rule ${name}`);
    }
  }
  for (const [name, map] of check.members(template, 'Mappings')) {
    for (const [key, entry] of Object.entries(check.object(map, `mapping ${name}`))) {
      check.object(entry, `key ${key} of mapping ${name}`);
    }
  }
  // A part that is null is as if it were not there.
  const parts: Record<string, unknown> = Object.fromEntries(
    Object.entries(template).filter(([, part]) => part !== null),
  );
  return parts as Template;
}

/**
 * Replaces CloudFormation's intrinsic functions by their values.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
 */

import { AssemblyError, excerpt } from '../local-error';
import { ownMember } from '../own-member';
import { cidrBlocks } from './cidr-blocks';
import type { Template } from './template';

/** What intrinsic functions read. */
export interface ResolveScope {
  readonly template: Pick<Template, 'Mappings' | 'Conditions'>;
  /** Value of `Ref` for a parameter, a pseudo parameter or a resource; undefined for an unknown name. */
  ref(name: string): unknown;
  /** Value of `Fn::GetAtt`; throws for an unknown resource or attribute. */
  attribute(logicalId: string, attribute: string): unknown;
  /** Value that another stack of the same account and region exports; throws when none does. */
  importValue(name: string): unknown;
  /** What a dynamic reference such as `{{resolve:ssm:name}}` stands for; throws when nobody knows. */
  dynamicReference(service: string, reference: string): string;
  /** Zones of a region. */
  availabilityZones(region: string): readonly string[];
}

/** Stands for `AWS::NoValue`: the member or element that holds it is left out. */
const NO_VALUE = Symbol('AWS::NoValue');

/** `value` with all intrinsic functions replaced. @throws AssemblyError for an unknown function or name */
export function resolveIntrinsics(value: unknown, scope: ResolveScope): unknown {
  const resolved = resolverOf(scope).resolve(value);
  return resolved === NO_VALUE ? undefined : resolved;
}

/** Whether the condition `name` of the template holds. */
export function conditionHolds(name: string, scope: ResolveScope): boolean {
  return resolverOf(scope).condition(name);
}

/** Whether what a rule of the template asserts is true. */
export function holds(expression: unknown, scope: ResolveScope): boolean {
  return isTrue(resolverOf(scope).resolve(expression));
}

type Intrinsic = (argument: unknown) => unknown;

/** The names of all functions that are resolved. */
export function supportedIntrinsics(scope: ResolveScope): string[] {
  return ['Ref', 'Condition', ...Object.keys(resolverOf(scope).functions).map((name) => `Fn::${name}`)];
}

/** One for each scope: a stack has hundreds of values. */
const resolvers = new WeakMap<ResolveScope, Resolver>();

function resolverOf(scope: ResolveScope): Resolver {
  const known = resolvers.get(scope);
  if (known) return known;
  const resolver = new Resolver(scope);
  resolvers.set(scope, resolver);
  return resolver;
}

class Resolver {
  /** Names of the conditions being decided, to notice those that refer to each other. */
  private readonly deciding: string[] = [];

  public constructor(private readonly scope: ResolveScope) {}

  public resolve(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.resolve(item)).filter((item) => item !== NO_VALUE);
    if (typeof value === 'string') return this.text(value);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value);
    // It may stand beside other members, which the macro would change.
    if ('Fn::Transform' in value) return refuseMacro(value['Fn::Transform']);
    const [only] = entries;
    if (only && entries.length === 1) {
      const intrinsic = this.intrinsic(only[0]);
      if (intrinsic) return intrinsic(only[1]);
    }
    const resolved = entries.map(([key, item]) => [key, this.resolve(item)]);
    return Object.fromEntries(resolved.filter(([, item]) => item !== NO_VALUE));
  }

  /** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html */
  private text(value: string): string {
    return value.replace(/\{\{resolve:([\w-]+):([^}]*)\}\}/g, (_, service: string, reference: string) =>
      this.scope.dynamicReference(service, reference),
    );
  }

  public condition(name: string): boolean {
    const conditions = this.scope.template.Conditions ?? {};
    if (!Object.hasOwn(conditions, name)) throw new AssemblyError(`condition '${name}' is not defined in the template`);
    if (this.deciding.includes(name)) {
      throw new AssemblyError(`conditions refer to each other: ${[...this.deciding, name].join(' → ')}`);
    }
    this.deciding.push(name);
    try {
      return isTrue(this.resolve(conditions[name]));
    } finally {
      this.deciding.pop();
    }
  }

  /** The function a key stands for. `Condition` is one only around a name: policy statements have a member of that name. */
  private intrinsic(key: string): Intrinsic | undefined {
    if (key === 'Ref') return (name) => this.ref(asText(name));
    if (key === 'Condition')
      return (name) => (typeof name === 'string' ? this.condition(name) : { Condition: this.resolve(name) });
    if (!key.startsWith('Fn::')) return undefined;
    const intrinsic = this.functions[key.slice(4)];
    if (!intrinsic) throw new AssemblyError(`the local target does not support the intrinsic function '${key}'`);
    return intrinsic;
  }

  public readonly functions: Readonly<Record<string, Intrinsic>> = {
    GetAtt: (argument) => this.getAtt(argument),
    Sub: (argument) => this.sub(argument),
    Join: (argument) => {
      const [delimiter, parts] = this.list(argument, 'Fn::Join');
      return this.text(this.list(parts, 'Fn::Join').map(asText).join(asText(delimiter)));
    },
    Select: (argument) => {
      const [index, items] = this.list(argument, 'Fn::Select');
      const list = this.list(items, 'Fn::Select');
      if (!(Number(index) in list)) {
        throw new AssemblyError(`Fn::Select has no element ${excerpt(index)} in a list of ${list.length}`);
      }
      return list[Number(index)];
    },
    Split: (argument) => {
      const [delimiter, text] = this.list(argument, 'Fn::Split');
      return asText(text).split(asText(delimiter));
    },
    If: (argument) => {
      if (!Array.isArray(argument) || argument.length !== 3) {
        throw new AssemblyError(`Fn::If needs [condition, value, other value], got ${excerpt(argument)}`);
      }
      const [name, yes, no]: unknown[] = argument;
      return this.resolve(this.condition(asText(name)) ? yes : no);
    },
    FindInMap: (argument) => this.findInMap(argument),
    Cidr: (argument) => {
      const [block, count, bits = 8] = this.list(argument, 'Fn::Cidr');
      return cidrBlocks(asText(block), Number(count), Number(bits));
    },
    ImportValue: (argument) => this.scope.importValue(asText(this.resolve(argument))),
    Base64: (argument) => Buffer.from(asText(this.resolve(argument)), 'utf8').toString('base64'),
    GetAZs: (argument) => {
      const region = asText(this.resolve(argument));
      return [...this.scope.availabilityZones(region === '' ? asText(this.ref('AWS::Region')) : region)];
    },
    ToJsonString: (argument) => JSON.stringify(this.resolve(argument)),
    Length: (argument) => this.list(argument, 'Fn::Length').length,
    Equals: (argument) => {
      const [left, right] = this.list(argument, 'Fn::Equals');
      return JSON.stringify(left) === JSON.stringify(right);
    },
    Not: (argument) => !isTrue(this.list(argument, 'Fn::Not')[0]),
    And: (argument) => this.list(argument, 'Fn::And').every(isTrue),
    Or: (argument) => this.list(argument, 'Fn::Or').some(isTrue),
    Contains: (argument) => {
      const [list, value] = this.list(argument, 'Fn::Contains');
      return this.list(list, 'Fn::Contains').includes(value);
    },
    EachMemberEquals: (argument) => {
      const [list, value] = this.list(argument, 'Fn::EachMemberEquals');
      return this.list(list, 'Fn::EachMemberEquals').every((member) => member === value);
    },
    EachMemberIn: (argument) => {
      const [members, list] = this.list(argument, 'Fn::EachMemberIn');
      const allowed = this.list(list, 'Fn::EachMemberIn');
      return this.list(members, 'Fn::EachMemberIn').every((member) => allowed.includes(member));
    },
  };

  private ref(name: string): unknown {
    if (name === 'AWS::NoValue') return NO_VALUE;
    const value = this.scope.ref(name);
    if (value === undefined) {
      throw new AssemblyError(`Ref '${name}' names no parameter, no pseudo parameter and no deployed resource`);
    }
    return value;
  }

  private getAtt(argument: unknown): unknown {
    const parts = typeof argument === 'string' ? argument.split('.') : this.list(argument, 'Fn::GetAtt').map(asText);
    const [logicalId = '', ...attribute] = parts;
    if (attribute.length === 0) {
      throw new AssemblyError(`Fn::GetAtt needs a resource and an attribute, got ${excerpt(argument)}`);
    }
    return this.scope.attribute(logicalId, attribute.join('.'));
  }

  private sub(argument: unknown): string {
    const [text, variables] = Array.isArray(argument) ? argument : [argument, {}];
    const given = asObject(this.resolve(variables ?? {}), 'the variables of Fn::Sub');
    const filled = asText(text).replace(/\$\{([^}]*)\}/g, (placeholder, name: string) => {
      if (name.startsWith('!')) return placeholder.replace('!', '');
      if (Object.hasOwn(given, name)) return asText(given[name]);
      return asText(name.includes('.') ? this.getAtt(name) : this.ref(name));
    });
    return this.text(filled);
  }

  private findInMap(argument: unknown): unknown {
    const [map, first, second, fallback] = this.list(argument, 'Fn::FindInMap');
    const inner = ownMember(ownMember(this.scope.template.Mappings, asText(map)), asText(first));
    const value = ownMember(inner, asText(second));
    if (value !== undefined) return value;
    const given = fallback as { readonly DefaultValue?: unknown } | undefined;
    if (given?.DefaultValue !== undefined) return given.DefaultValue;
    throw new AssemblyError(`Template error: Unable to get mapping for ${[map, first, second].map(asText).join('::')}`);
  }

  private list(value: unknown, name: string): unknown[] {
    const resolved = this.resolve(value);
    if (!Array.isArray(resolved)) throw new AssemblyError(`${name} needs a list, got ${excerpt(resolved)}`);
    return resolved;
  }
}

function refuseMacro(transform: unknown): never {
  const { Name } = asObject(transform, 'Fn::Transform');
  throw new AssemblyError(`the local target runs no macros: Fn::Transform asks for ${excerpt(Name)}`);
}

/** Text as CloudFormation converts it; lists and objects have none. */
function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new AssemblyError(`expected text, got ${excerpt(value)}`);
}

function asObject(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new AssemblyError(`${what} must be an object, got ${excerpt(value)}`);
}

function isTrue(value: unknown): boolean {
  return value === true || value === 'true';
}

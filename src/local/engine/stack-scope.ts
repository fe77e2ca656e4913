/** What intrinsic functions of one stack read: parameters, pseudo parameters, resources so far, and exports. */

import { isObject } from '../../base/is-object';
import { explainedProblem } from '../assembly/parameter-constraints';
import type { AssemblyStack } from '../assembly/read-assembly';
import type { ResolveScope } from '../assembly/resolve-intrinsics';
import type { TemplateParameter } from '../assembly/template';
import { BOOTSTRAP_VERSION } from '../bootstrap';
import { didYouMean } from '../did-you-mean';
import type { Organization } from '../iam/authorize';
import { AssemblyError, DeployError } from '../local-error';
import { ownMember } from '../own-member';
import { madeUpAttribute } from '../resources/made-up-names';
import type { ResourceContext } from '../resources/provider';
import { parameterArn } from '../resources/ssm-parameter';
import type { LocalState } from '../state';
import { borderProblem } from './account-border';
import type { DeployedResource } from './deployed-stack';

/** The account and region a stack is deployed to. */
export interface StackEnvironment {
  readonly account: string;
  readonly region: string;
  readonly partition: string;
}

export interface StackScopeProps {
  readonly stack: AssemblyStack;
  readonly environment: StackEnvironment;
  /** ARN of the stack. */
  readonly stackId: string;
  readonly state: LocalState;
  /** Parameter values of the deployment, by `Parameter` or `Stack:Parameter`. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Values of SSM parameters that no stack defines, by name. */
  readonly ssmParameters?: Readonly<Record<string, string>> | undefined;
  /** Resources deployed so far; grows while the stack is deployed. */
  readonly resources: ReadonlyMap<string, DeployedResource>;
  /** Asks whether whoever deploys may read a parameter or a secret. @default - they may */
  readonly demand?: ResourceContext['demand'];
  /** The value of an export of the same account and region, or undefined. */
  readonly findExport: (name: string) => string | undefined;
  readonly organization: Organization | undefined;
}

export class StackScope implements ResolveScope {
  /** Export names that were read. */
  public readonly imports = new Set<string>();
  public readonly template: AssemblyStack['template'];
  private readonly parameters: ReadonlyMap<string, unknown>;

  public constructor(private readonly props: StackScopeProps) {
    this.template = props.stack.template;
    this.parameters = new Map(
      Object.entries(this.template.Parameters ?? {}).map(([name, definition]) => [
        name,
        this.parameter(name, definition),
      ]),
    );
  }

  public ref(name: string): unknown {
    return this.parameters.get(name) ?? this.pseudoParameter(name) ?? this.props.resources.get(name)?.physicalId;
  }

  public attribute(logicalId: string, attribute: string): unknown {
    const resource = this.props.resources.get(logicalId);
    if (!resource) throw new Error(`Fn::GetAtt names the resource '${logicalId}', which is not in the stack`);
    const value = ownMember(resource.attributes, attribute);
    if (value !== undefined) return value;
    if (resource.hasAnyAttribute) {
      return madeUpAttribute(resource.type, attribute, resource.physicalId, this.props.environment);
    }
    const known = Object.keys(resource.attributes).join(', ') || 'none';
    if (resource.ranProvider) {
      throw new Error(
        `CustomResource attribute error: Vendor response doesn't contain ${attribute} attribute; that of ${logicalId} has: ${known}`,
      );
    }
    throw new Error(`resource ${logicalId} has no attribute '${attribute}' here; it has: ${known}`);
  }

  public importValue(name: string): string {
    const value = this.props.findExport(name);
    if (value === undefined) throw new Error(`No export named ${name} found`);
    this.imports.add(name);
    return value;
  }

  public dynamicReference(service: string, reference: string): string {
    if (service === 'ssm' || service === 'ssm-secure') return this.storedParameter(reference.replace(/:\d+$/, ''));
    if (service === 'secretsmanager') return this.secret(reference);
    throw new AssemblyError(`the dynamic reference {{resolve:${service}:${reference}}} names an unknown service`);
  }

  /** `<secret id or ARN>[:SecretString[:<key>[:<stage>[:<version>]]]]`. */
  private secret(reference: string): string {
    const [, id = '', key = ''] =
      /^(arn:(?:[^:]*:){5}[^:]+|[^:]+)(?::SecretString)?(?::([^:]*))?/.exec(reference) ?? [];
    const secret = this.secretOf(id);
    const { account, region } = this.props.environment;
    this.demand('secretsmanager:GetSecretValue', this.secretArn(id));
    if (secret === undefined) {
      throw new AssemblyError(
        `no stack has defined the secret '${id}' in ${account}/${region}, which {{resolve:secretsmanager:${reference}}} names`,
      );
    }
    if (key === '') return secret.value;
    const members: unknown = JSON.parse(secret.value);
    const value = isObject(members) ? members[key] : undefined;
    if (value === undefined) throw new AssemblyError(`the secret '${secret.name}' has no key '${key}'`);
    return String(value);
  }

  private secretArn(id: string): string {
    if (id.startsWith('arn:')) return id;
    const { account, partition, region } = this.props.environment;
    const prefix = `arn:${partition}:secretsmanager:${region}:${account}:secret:`;
    const named = [...this.props.state.secrets].find(([arn, { name }]) => name === id && arn.startsWith(prefix));
    return named?.[0] ?? `${prefix}${id}`;
  }

  private demand(action: string, resource: string): void {
    this.props.demand?.({ action, resource });
  }

  /** A name is that of a secret of this account and region; another account's goes by its ARN, where that one lets this one. */
  private secretOf(id: string) {
    const { environment, organization, state } = this.props;
    const { account, partition, region } = environment;
    const here = `arn:${partition}:secretsmanager:${region}:`;
    if (!id.startsWith('arn:')) {
      return [...state.secrets].find(([arn, { name }]) => name === id && arn.startsWith(`${here}${account}:`))?.[1];
    }
    const resource = { action: 'secretsmanager:GetSecretValue', resource: id, organization };
    const problem = borderProblem(state, account, resource);
    if (problem !== undefined) throw new AssemblyError(problem);
    return id.startsWith(here) ? state.secrets.get(id) : undefined;
  }

  public availabilityZones(region: string): readonly string[] {
    return ['a', 'b', 'c'].map((zone) => `${region}${zone}`);
  }

  private pseudoParameter(name: string): unknown {
    const { environment } = this.props;
    const { account, region, partition } = environment;
    const { stackName } = this.props.stack;
    switch (name) {
      case 'AWS::AccountId':
        return account;
      case 'AWS::Region':
        return region;
      case 'AWS::Partition':
        return partition;
      case 'AWS::URLSuffix':
        return partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
      case 'AWS::StackName':
        return stackName;
      case 'AWS::StackId':
        return this.props.stackId;
      case 'AWS::NotificationARNs':
        return [];
      default:
        return undefined;
    }
  }

  private parameter(name: string, definition: TemplateParameter): unknown {
    const { stack } = this.props;
    const value = parameterValue(this.props, name);
    if (value === undefined) {
      throw new DeployError(
        `stack '${stack.stackName}' needs a value for its parameter '${name}'; pass it to deploy() as { parameters: { '${stack.stackName}:${name}': … } }`,
      );
    }
    const problem = explainedProblem(name, definition, String(value));
    if (problem !== undefined) throw new DeployError(`stack '${stack.stackName}': ${problem}`);
    return this.typedValue(definition.Type, String(value));
  }

  /** Lists are split; the SSM types give what the named parameter holds. */
  private typedValue(type: string, text: string): unknown {
    const [, inner] = /^AWS::SSM::Parameter::Value<(.+)>$/.exec(type) ?? [];
    const value = inner === undefined ? text : this.storedParameter(text);
    return /^(CommaDelimitedList|List<.+>)$/.test(inner ?? type) ? value.split(',').map((item) => item.trim()) : value;
  }

  private storedParameter(name: string): string {
    if (/^\/cdk-bootstrap\/[^/]+\/version$/.test(name)) return BOOTSTRAP_VERSION;
    if (!name.startsWith('/aws/service/')) {
      this.demand('ssm:GetParameters', parameterArn(this.props.environment, name));
    }
    const value =
      this.props.state.parameters.get(parameterArn(this.props.environment, name)) ??
      this.props.ssmParameters?.[name] ??
      publicParameter(name);
    if (value === undefined) {
      const { account, region } = this.props.environment;
      const hint = didYouMean(name, Object.keys(this.props.ssmParameters ?? {}));
      throw new DeployError(
        `stack '${this.props.stack.stackName}' reads the SSM parameter '${name}', which no stack in ${account}/${region} has defined${hint}; give its value: startLocal({ ssmParameters: { '${name}': … } })`,
      );
    }
    return value;
  }
}

/** AWS's own parameters, which are the same for everybody; nothing here depends on what they say. */
function publicParameter(name: string): string | undefined {
  if (!name.startsWith('/aws/service/')) return undefined;
  return /ami/.test(name) ? 'ami-0123456789abcdef0' : name.split('/').at(-1);
}

/** What a parameter is given, or its default; undefined where there is neither. */
export function parameterValue(
  { parameters, stack }: Pick<StackScopeProps, 'parameters' | 'stack'>,
  name: string,
): unknown {
  const given = [
    parameters[`${stack.stackName}:${name}`],
    ownMember(parameters, name),
    ownMember(stack.parameters, name),
  ];
  return given.find((value) => value !== undefined) ?? ownMember(stack.template.Parameters, name)?.Default;
}

/** The ARN of a nested stack. */
export function nestedStackId({ partition, region, account }: StackEnvironment, stackName: string): string {
  return `arn:${partition}:cloudformation:${region}:${account}:stack/${stackName}/local`;
}

/** The partition a region belongs to. */
export function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

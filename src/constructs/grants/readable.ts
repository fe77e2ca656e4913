/** Renders values for people: what is only known after the deployment is named in angle brackets. */
import type * as iam from 'aws-cdk-lib/aws-iam';
import { CfnResource, Stack, Token } from 'aws-cdk-lib/core';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import { cfnFunction, isVersion } from '../facts/invoked-function';
import { referencesIn } from '../facts/stable-text';
import type { GrantedFunction } from './granted-function';

/** The ARN that the other side has to name in its policy. */
export function readableArn(granted: GrantedFunction): string {
  const { behind } = granted;
  const resource = cfnFunction(behind);
  if (!Token.isUnresolved(granted.arn) || !resource) return readable(granted.stack, granted.arn);
  const name = readable(granted.stack, resource.functionName);
  const region = readable(granted.stack, granted.stack.region);
  const account = readable(granted.stack, granted.stack.account);
  return `arn:${partition(granted.stack)}:lambda:${region}:${account}:function:${name || `<name of ${behind.node.path}>`}${qualifier(granted)}`;
}

function qualifier(granted: GrantedFunction): string {
  if (isVersion(granted.invoked)) return ':<version>';
  return granted.qualifier === undefined ? '' : `:${readable(granted.stack, granted.qualifier)}`;
}

/** Who is meant: a role of this app by its ARN, where its name is known before the deployment. */
export function readablePrincipal(stack: Stack, value: string): string {
  const [role] = referencesIn(value).map((reference) => reference.target);
  if (!CfnResource.isCfnResource(role) || role.cfnResourceType !== 'AWS::IAM::Role') return readable(stack, value);
  const { roleName, path } = role as iam.CfnRole;
  const home = Stack.of(role);
  const name = readable(home, roleName);
  if (!name) return readable(stack, value);
  return `arn:${partition(home)}:iam::${readable(home, home.account)}:role${readable(home, path) || '/'}${name}`;
}

/** `value` as text, with what its tokens stand for in CloudFormation. */
export function readable(stack: Stack, value: unknown): string {
  return render(stack, stack.resolve(value));
}

function render(stack: Stack, value: unknown): string {
  if (typeof value !== 'object' || value === null) return value === undefined ? '' : String(value);
  const [[intrinsic, argument] = ['', undefined]] = Object.entries(value);
  if (intrinsic === 'Ref') return referred(stack, String(argument));
  if (intrinsic === 'Fn::GetAtt') return `<${[argument].flat().join('.')}>`;
  if (intrinsic === 'Fn::Join') {
    const [separator, parts] = argument as [string, unknown[]];
    return parts.map((part) => render(stack, part)).join(separator);
  }
  return `<${JSON.stringify(value)}>`;
}

function referred(stack: Stack, name: string): string {
  const known = Object.hasOwn(PSEUDO_PARAMETERS, name) ? PSEUDO_PARAMETERS[name] : undefined;
  return known?.(stack) ?? `<${name}>`;
}

const PSEUDO_PARAMETERS: Readonly<Record<string, (stack: Stack) => string>> = {
  'AWS::Partition': partition,
  'AWS::AccountId': () => '<account of this stack>',
  'AWS::Region': () => '<region of this stack>',
};

function partition(stack: Stack): string {
  return (Token.isUnresolved(stack.region) ? undefined : RegionInfo.get(stack.region).partition) ?? 'aws';
}

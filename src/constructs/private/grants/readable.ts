/** Renders values for people: what is only known after the deployment is named in angle brackets. */
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { CfnResource, Stack, Token } from 'aws-cdk-lib/core';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import type { GrantTarget } from './grant-target';
import { referencesIn } from './stable-text';

/** The ARN that the other side has to name in its policy. */
export function readableArn(target: GrantTarget): string {
  const behind = 'lambda' in target.fn ? (target.fn.lambda as lambda.IFunction) : target.fn;
  const resource = behind.node.defaultChild;
  if (!Token.isUnresolved(target.arn) || !CfnResource.isCfnResource(resource))
    return readable(target.stack, target.arn);
  const name = readable(target.stack, (resource as lambda.CfnFunction).functionName);
  const region = readable(target.stack, target.stack.region);
  const account = readable(target.stack, target.stack.account);
  return `arn:${partition(target.stack)}:lambda:${region}:${account}:function:${name || `<name of ${behind.node.path}>`}${qualifier(target)}`;
}

function qualifier(target: GrantTarget): string {
  if ('aliasName' in target.fn) return `:${readable(target.stack, target.fn.aliasName)}`;
  return 'lambda' in target.fn ? ':<version>' : '';
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
  if (intrinsic === 'Ref') return PSEUDO_PARAMETERS[String(argument)]?.(stack) ?? `<${String(argument)}>`;
  if (intrinsic === 'Fn::GetAtt') return `<${[argument].flat().join('.')}>`;
  if (intrinsic === 'Fn::Join') {
    const [separator, parts] = argument as [string, unknown[]];
    return parts.map((part) => render(stack, part)).join(separator);
  }
  return `<${JSON.stringify(value)}>`;
}

const PSEUDO_PARAMETERS: Readonly<Record<string, (stack: Stack) => string>> = {
  'AWS::Partition': partition,
  'AWS::AccountId': () => '<account of this stack>',
  'AWS::Region': () => '<region of this stack>',
};

function partition(stack: Stack): string {
  return (Token.isUnresolved(stack.region) ? undefined : RegionInfo.get(stack.region).partition) ?? 'aws';
}

/** A stack in the function's account, one in a caller's account, and shorthand for what they synthesize to. */
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { App, PhysicalName, Stack } from 'aws-cdk-lib/core';
import { StreamingFunction, type StreamingFunctionProps } from 'cdk-lambda-streaming';
import type { Construct } from 'constructs';

export const A = '111111111111';
export const B = '222222222222';
export const CODE = lambda.Code.fromInline('exports.handler = () => {};');

export interface TwoAccounts {
  readonly app: App;
  readonly a: Stack;
  readonly b: Stack;
}

export function twoAccounts(context?: Record<string, unknown>): TwoAccounts {
  const app = new App({ context });
  return {
    app,
    a: new Stack(app, 'Provider', { env: { account: A, region: 'us-east-1' } }),
    b: new Stack(app, 'Consumer', { env: { account: B, region: 'us-east-1' } }),
  };
}

export function streamingFunction(
  scope: Construct,
  id = 'Chat',
  props?: Partial<StreamingFunctionProps>,
): StreamingFunction {
  return new StreamingFunction(scope, id, { code: CODE, ...props });
}

export function role(scope: Construct, id = 'Caller'): iam.Role {
  return new iam.Role(scope, id, {
    assumedBy: new iam.AccountRootPrincipal(),
    roleName: PhysicalName.GENERATE_IF_NEEDED,
  });
}

/** Properties of every permission in the stack's template. */
export function permissions(stack: Stack): Record<string, unknown>[] {
  return propertiesOf(stack, 'AWS::Lambda::Permission');
}

export function propertiesOf(stack: Stack, type: string): Record<string, unknown>[] {
  const found = Template.fromStack(stack).findResources(type);
  return Object.values(found).map((resource) => resource['Properties'] as Record<string, unknown>);
}

/** Statements of the policies that belong to the role with this construct id. */
export function statementsOf(stack: Stack, roleId = 'Caller'): unknown[] {
  return propertiesOf(stack, 'AWS::IAM::Policy')
    .filter((policy) => JSON.stringify(policy['Roles']).includes(`"${roleId}`))
    .flatMap((policy) => (policy['PolicyDocument'] as { Statement: unknown[] }).Statement);
}

/** Messages of one rule of ours at one level, in the order they were given. */
export function messages(stack: Stack, level: 'Warning' | 'Info', id: string): string[] {
  const annotations = Annotations.fromStack(stack);
  const found =
    level === 'Warning' ? annotations.findWarning('*', Match.anyValue()) : annotations.findInfo('*', Match.anyValue());
  return found
    .map((message) => String(message.entry.data))
    .filter((text) => text.includes(`[ack: cdk-lambda-streaming:${id}]`));
}

/** Every message of ours, whatever its level. */
export function allMessages(stack: Stack): string[] {
  const annotations = Annotations.fromStack(stack);
  return [...annotations.findWarning('*', Match.anyValue()), ...annotations.findInfo('*', Match.anyValue())]
    .map((message) => String(message.entry.data))
    .filter((text) => text.includes('cdk-lambda-streaming:'));
}

/** The statement printed for the other side: from the first brace or bracket after the last colon of the sentence. */
export function pasted(message: string): unknown {
  const [, json = ''] = /:\n(.*?)(?: \[ack|$)/s.exec(message) ?? [];
  return JSON.parse(json);
}

/** The logical id that alias `live` of the function with this construct id has. */
export const LIVE = { Ref: 'ChatAliasliveB413C81E' };

/** Ids of the stacks that are deployed before this one. */
export function deployedBefore(app: App, stack: Stack): string[] {
  return app
    .synth()
    .getStackArtifact(stack.artifactId)
    .dependencies.map((artifact) => artifact.id)
    .filter((id) => !id.endsWith('.assets'));
}

import { Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import { App, Stack } from 'aws-cdk-lib/core';
import { StreamingCallerRole, StreamingFunctionReference } from 'cdk-lambda-streaming';
import {
  A,
  B,
  deployedBefore,
  messages,
  pasted,
  permissions,
  statementsOf,
  streamingFunction,
  twoAccounts,
} from './two-accounts';

const assumedBy = new iam.ServicePrincipal('ecs-tasks.amazonaws.com');
const LIVE_ARN = `arn:aws:lambda:us-east-1:${A}:function:prov:live`;

function nameOf(stack: Stack): string {
  const [role] = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Role'));
  return String(role?.['Properties']?.RoleName);
}

describe('StreamingCallerRole', () => {
  test('has a name that is the same in each synth, and its ARN with it', () => {
    const synth = () => {
      const { b } = twoAccounts();
      const role = new StreamingCallerRole(b, 'Caller', { assumedBy });
      expect(b.resolve(role.callerArn)).toEqual({
        'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:iam::${B}:role/${nameOf(b)}`]],
      });
      return nameOf(b);
    };
    expect(synth()).toBe(synth());
    expect(synth()).toMatch(/^Consumer-Caller-[0-9a-f]{8}$/);
  });

  test('has another name in another region, as role names are unique in the account', () => {
    const names = ['us-east-1', 'eu-west-1'].map((region) => {
      const stack = new Stack(new App(), 'Consumer', { env: { account: B, region } });
      new StreamingCallerRole(stack, 'Caller', { assumedBy });
      return nameOf(stack);
    });
    expect(new Set(names).size).toBe(2);
  });

  test('keeps long paths within the 64 characters of a role name', () => {
    const stack = new Stack(new App(), 'Consumer'.repeat(10), { env: { account: B, region: 'us-east-1' } });
    new StreamingCallerRole(stack, 'Caller'.repeat(20), { assumedBy });
    expect(nameOf(stack).length).toBeLessThanOrEqual(64);
    expect(nameOf(stack)).toMatch(/^[\w+=,.@-]+$/);
  });

  test('takes a name and a path', () => {
    const { b } = twoAccounts();
    const role = new StreamingCallerRole(b, 'Caller', { assumedBy, roleName: 'chat', path: '/team/' });
    expect(b.resolve(role.callerArn)).toEqual({
      'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:iam::${B}:role/team/chat`]],
    });
  });

  test('has its half for what it streams from, and prints the owner’s with its own ARN', () => {
    const { b } = twoAccounts();
    const chat = StreamingFunctionReference.fromArn(b, 'Chat', LIVE_ARN);
    new StreamingCallerRole(b, 'Caller', { assumedBy, streamsFrom: [chat] });

    expect(statementsOf(b)).toEqual([{ Action: 'lambda:InvokeFunction', Effect: 'Allow', Resource: LIVE_ARN }]);
    const [message = ''] = messages(b, 'Info', 'ResourceHalfElsewhere');
    expect(pasted(message)).toEqual({
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${B}:role/${nameOf(b)}` },
      Action: 'lambda:InvokeFunction',
      Resource: LIVE_ARN,
    });
  });

  test('is deployed before a function of the same app that grants to it', () => {
    const { app, a, b } = twoAccounts();
    const role = new StreamingCallerRole(b, 'Caller', { assumedBy });
    streamingFunction(a).streamGrants.invoke(role);

    expect(deployedBefore(app, a)).toEqual(['Consumer']);
    expect(permissions(a)).toHaveLength(1);
    expect(statementsOf(b)).toHaveLength(1);
  });
});

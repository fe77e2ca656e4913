import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { App, CfnParameter, Stack } from 'aws-cdk-lib/core';
import { StreamingFunction, StreamingFunctionReference } from 'cdk-lambda-streaming';
import { A, B, messages, permissions, role, statementsOf, twoAccounts } from './two-accounts';

const LIVE_ARN = `arn:aws:lambda:us-east-1:${A}:function:prov:live`;
const ON_LIVE = { Action: 'lambda:InvokeFunction', Effect: 'Allow', Resource: LIVE_ARN };

describe('a reference', () => {
  test.each([
    [`arn:aws:lambda:us-east-1:${A}:function:prov`, 'prov', undefined],
    [LIVE_ARN, 'prov:live', 'live'],
    [`arn:aws:lambda:us-east-1:${A}:function:prov:42`, 'prov:42', '42'],
    [`arn:aws-cn:lambda:cn-north-1:${A}:function:prov:live`, 'prov:live', 'live'],
  ])('keeps what %s says', (arn, name, qualifier) => {
    const { b } = twoAccounts();
    const fn = StreamingFunctionReference.fromArn(b, 'Fn', arn);
    expect(fn.functionArn).toBe(arn);
    expect(fn.functionName).toBe(name);
    expect(fn.qualifier).toBe(qualifier);
    expect(fn.env.account).toBe(A);
    expect(fn.resourceArnsForGrantInvoke).toEqual([arn]);
  });

  test('takes an ARN made of tokens', () => {
    const stack = new Stack(new App(), 'Agnostic');
    const arn = stack.formatArn({ service: 'lambda', resource: 'function:prov:live' });
    const fn = StreamingFunctionReference.fromArn(stack, 'Fn', arn);
    expect(fn.functionName).toBe('prov:live');
    expect(stack.resolve(fn.functionArn)).toEqual(stack.resolve(arn));
  });

  test('takes an ARN hidden in a parameter', () => {
    const { b } = twoAccounts();
    const caller = role(b);
    const arn = new CfnParameter(b, 'Arn').valueAsString;
    const fn = StreamingFunctionReference.fromArn(b, 'Fn', arn);
    fn.callerGrants.invoke(caller);

    expect(statementsOf(b)).toEqual([{ ...ON_LIVE, Resource: { Ref: 'Arn' } }]);
    expect(b.resolve(fn.functionName)).toEqual({ 'Fn::Select': [6, { 'Fn::Split': [':', { Ref: 'Arn' }] }] });
    expect(permissions(b)).toEqual([]);
  });

  test.each([
    'prov',
    'arn:aws:s3:::bucket',
    `arn:aws:lambda:us-east-1:${A}:layer:prov:1`,
    `arn:aws:lambda:us-east-1:${A}:function:`,
    `${LIVE_ARN}:extra`,
  ])('refuses %s', (arn) => {
    const { b } = twoAccounts();
    expect(() => StreamingFunctionReference.fromArn(b, 'Fn', arn)).toThrow(
      /^\[Consumer\] Fn: functionArn must be arn:<partition>:lambda:.*, got '/,
    );
  });

  test('is what StreamingFunction imports, with the role and architecture that are known', () => {
    const { b } = twoAccounts();
    const known = role(b);
    const fn = StreamingFunction.fromFunctionAttributes(b, 'Fn', {
      functionArn: LIVE_ARN,
      role: known,
      architecture: lambda.Architecture.ARM_64,
    });
    expect(fn.role).toBe(known);
    expect(fn.architecture).toBe(lambda.Architecture.ARM_64);
    expect(StreamingFunction.fromFunctionArn(b, 'Again', LIVE_ARN).functionName).toBe('prov:live');
  });
});

test('a reference keeps the security group that is known', () => {
  const { b } = twoAccounts();
  const securityGroup = ec2.SecurityGroup.fromSecurityGroupId(b, 'Group', 'sg-1');
  const fn = StreamingFunctionReference.fromAttributes(b, 'Fn', { functionArn: LIVE_ARN, securityGroup });
  expect(fn.connections.securityGroups.map((group) => group.securityGroupId)).toEqual(['sg-1']);
  expect(fn.isBoundToVpc).toBe(true);
  expect(StreamingFunctionReference.fromArn(b, 'Outside', LIVE_ARN).isBoundToVpc).toBe(false);
});

describe('a function of the same account', () => {
  test('can be granted to another account from this stack', () => {
    const { a } = twoAccounts();
    StreamingFunctionReference.fromArn(a, 'Fn', LIVE_ARN).streamGrants.invoke(new iam.AccountPrincipal(B));
    expect(permissions(a)).toEqual([{ Action: 'lambda:InvokeFunction', FunctionName: LIVE_ARN, Principal: B }]);
  });

  test('of another region cannot: CloudFormation works in one region', () => {
    const { a } = twoAccounts();
    const arn = LIVE_ARN.replace('us-east-1', 'eu-west-1');
    const grant = StreamingFunctionReference.fromArn(a, 'Fn', arn).streamGrants.invoke(new iam.AccountPrincipal(B));
    expect(permissions(a)).toEqual([]);
    expect(grant.success).toBe(false);
    expect(messages(a, 'Info', 'ResourceHalfElsewhere')).toHaveLength(1);
  });

  test('can be granted where the stack does not know its account, once it is told so', () => {
    const stack = new Stack(new App(), 'Agnostic');
    const account = new iam.AccountPrincipal(B);
    StreamingFunctionReference.fromArn(stack, 'Guess', LIVE_ARN).streamGrants.invoke(account);
    expect(permissions(stack)).toEqual([]);

    const told = new Stack(new App(), 'Agnostic');
    const attributes = { functionArn: LIVE_ARN, sameEnvironment: true };
    StreamingFunctionReference.fromAttributes(told, 'Told', attributes).streamGrants.invoke(account);
    expect(permissions(told)).toHaveLength(1);
  });
});

import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { App, Aws, CfnResource, Fn, Stack, Token } from 'aws-cdk-lib/core';
import { invokedFunction } from '../../../src/constructs/facts/invoked-function';
import { grantedFunction } from '../../../src/constructs/grants/granted-function';
import { readable, readableArn, readablePrincipal } from '../../../src/constructs/grants/readable';
import { streamingFunction } from '../two-accounts';

const IN_IRELAND = { env: { account: '111111111111', region: 'eu-west-1' } };

function stack(props = {}): Stack {
  return new Stack(new App(), 'S', props);
}

describe('readable', () => {
  test.each([
    ['text', 'text'],
    [7, '7'],
    [undefined, ''],
    [null, 'null'],
    [{ Ref: 'Parameter' }, '<Parameter>'],
    [{ Ref: 'toString' }, '<toString>'],
    [{ 'Fn::GetAtt': ['Role', 'Arn'] }, '<Role.Arn>'],
    [{ 'Fn::GetAtt': 'Role.Arn' }, '<Role.Arn>'],
    [{ 'Fn::Join': [':', ['arn', { Ref: 'Name' }, 'live']] }, 'arn:<Name>:live'],
    [{ 'Fn::Join': ['', ['a', { 'Fn::Join': ['-', ['b', 'c']] }]] }, 'ab-c'],
    [{ 'Fn::ImportValue': 'X' }, '<{"Fn::ImportValue":"X"}>'],
  ])('%j is %s', (value, text) => {
    expect(readable(stack(), value)).toBe(text);
  });

  test('pseudo parameters are named, and the partition of a known region is spelled out', () => {
    expect(readable(stack(), `${Aws.ACCOUNT_ID} ${Aws.REGION}`)).toBe('<account of this stack> <region of this stack>');
    expect(readable(stack(), Aws.PARTITION)).toBe('aws');
    expect(readable(stack({ env: { region: 'cn-north-1' } }), Aws.PARTITION)).toBe('aws-cn');
  });
});

describe('readableArn', () => {
  const arnOf = (fn: lambda.IFunction) => readableArn(grantedFunction(fn));

  test('of an alias has the name of the function and of the alias', () => {
    const fn = streamingFunction(stack(IN_IRELAND), 'Chat', { functionName: 'chat' });
    expect(arnOf(fn)).toBe('arn:aws:lambda:eu-west-1:111111111111:function:chat:live');
  });

  test('of a function without a name says whose name it is', () => {
    const fn = new lambda.Function(stack(IN_IRELAND), 'Fn', {
      runtime: lambda.Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: lambda.Code.fromInline('exports.handler = () => {};'),
    });
    expect(arnOf(fn)).toBe('arn:aws:lambda:eu-west-1:111111111111:function:<name of S/Fn>');
    expect(arnOf(fn.currentVersion)).toBe('arn:aws:lambda:eu-west-1:111111111111:function:<name of S/Fn>:<version>');
  });

  test('of an imported function is what was imported', () => {
    const arn = 'arn:aws:lambda:eu-west-1:222222222222:function:other:beta';
    const fn = lambda.Function.fromFunctionArn(stack(IN_IRELAND), 'Other', arn);
    expect(arnOf(fn)).toBe(arn);
    expect(invokedFunction(fn).qualifier).toBe('beta');
  });
});

describe('readablePrincipal', () => {
  const assumedBy = new iam.AccountRootPrincipal();

  test('of a role of this app with a name is its ARN, with its path', () => {
    const home = stack(IN_IRELAND);
    const named = new iam.Role(home, 'Role', { assumedBy, roleName: 'caller', path: '/team/' });
    expect(readablePrincipal(home, named.roleArn)).toBe('arn:aws:iam::111111111111:role/team/caller');
    const bare = new iam.Role(home, 'Bare', { assumedBy, roleName: 'bare' });
    expect(readablePrincipal(home, bare.roleArn)).toBe('arn:aws:iam::111111111111:role/bare');
  });

  test('of anything else is what CloudFormation will put there', () => {
    const home = stack(IN_IRELAND);
    const unnamed = new iam.Role(home, 'Role', { assumedBy });
    expect(readablePrincipal(home, unnamed.roleArn)).toMatch(/^<Role[0-9A-F]{8}\.Arn>$/);
    const other = new CfnResource(home, 'Other', { type: 'AWS::X::Y' });
    expect(readablePrincipal(home, Token.asString(Fn.getAtt(other.logicalId, 'Arn')))).toBe('<Other.Arn>');
    expect(readablePrincipal(home, '222222222222')).toBe('222222222222');
  });
});

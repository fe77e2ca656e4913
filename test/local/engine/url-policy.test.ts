import { startLocal } from '../../../src/local';
import { A, alias, deploy, stack, version } from './engine-fixture';
import { functionResources, writeAssembly } from './write-assembly';

const ARN = 'arn:aws:lambda:eu-west-1:111111111111:function:chat:live';
const URL_ACTION = 'lambda:InvokeFunctionUrl';
const FUNCTION_ACTION = 'lambda:InvokeFunction';

interface Grant {
  readonly Action: string;
  readonly Principal?: string;
  readonly FunctionUrlAuthType?: string;
  readonly InvokedViaFunctionUrl?: boolean;
}

/** The warnings of a deployment of a URL of the alias `live` with these permissions. */
async function warningsOf(AuthType: 'AWS_IAM' | 'NONE', ...grants: readonly Grant[]): Promise<readonly string[]> {
  const permissions = grants.map((grant, i) => [
    `Grant${i}`,
    { Type: 'AWS::Lambda::Permission', Properties: { FunctionName: { Ref: 'Live' }, Principal: '*', ...grant } },
  ]);
  const resources = {
    ...functionResources({ FunctionName: 'chat' }),
    V1: version(),
    Live: alias('V1'),
    Url: {
      Type: 'AWS::Lambda::Url',
      Properties: { AuthType, TargetFunctionArn: { Ref: 'Fn' }, Qualifier: 'live' },
      DependsOn: 'Live',
    },
    ...Object.fromEntries(permissions),
  };
  return (await deploy({ Chat: stack(resources) })).warnings;
}

const warning = (whom: string, missing: string) =>
  `Chat/Url: this URL will refuse ${whom}: ${missing} missing in the policy of ${ARN}; ` +
  'add an AWS::Lambda::Permission for each missing action';

test('a public URL whose policy has one half refuses everybody, and the deployment says so', async () => {
  const first = { Action: URL_ACTION, FunctionUrlAuthType: 'NONE' };
  const second = { Action: FUNCTION_ACTION, InvokedViaFunctionUrl: true };
  expect(await warningsOf('NONE', first)).toEqual([warning('everybody', `${FUNCTION_ACTION} is`)]);
  expect(await warningsOf('NONE', second)).toEqual([warning('everybody', `${URL_ACTION} is`)]);
  expect(await warningsOf('NONE')).toEqual([warning('everybody', `${URL_ACTION} and ${FUNCTION_ACTION} are`)]);
  expect(await warningsOf('NONE', first, second)).toEqual([]);
});

test('a permission that does not apply to the callers of a public URL is none', async () => {
  const first = { Action: URL_ACTION, FunctionUrlAuthType: 'NONE' };
  const onlyAnAccount = { Action: FUNCTION_ACTION, Principal: '333333333333' };
  expect(await warningsOf('NONE', first, onlyAnAccount)).toEqual([warning('everybody', `${FUNCTION_ACTION} is`)]);
  const otherType = { Action: URL_ACTION, FunctionUrlAuthType: 'AWS_IAM' };
  expect(await warningsOf('NONE', otherType, { Action: FUNCTION_ACTION })).toEqual([
    warning('everybody', `${URL_ACTION} is`),
  ]);
});

test('a signed URL refuses those whom its policy lets in by half', async () => {
  const account = { Action: URL_ACTION, Principal: '333333333333', FunctionUrlAuthType: 'AWS_IAM' };
  expect(await warningsOf('AWS_IAM', account)).toEqual([
    warning('whomever its policy alone lets in', `${FUNCTION_ACTION} is`),
  ]);
  expect(await warningsOf('AWS_IAM', account, { Action: FUNCTION_ACTION, Principal: '333333333333' })).toEqual([]);
  expect(await warningsOf('AWS_IAM', { ...account, Action: 'lambda:*' })).toEqual([]);
});

test('a signed URL whose callers have their own permissions, or use the function another way, is as it should be', async () => {
  expect(await warningsOf('AWS_IAM')).toEqual([]);
  expect(await warningsOf('AWS_IAM', { Action: FUNCTION_ACTION, Principal: '333333333333' })).toEqual([]);
});

test.each([
  ['of the account', 'o-example', []],
  ['of others', 'o-other', [warning('everybody', `${URL_ACTION} and ${FUNCTION_ACTION} are`)]],
])('a public URL may be open within an organization: that %s', async (_whose, id, warnings) => {
  const local = await startLocal({ organization: { id: 'o-example', paths: { [A.account]: 'o-example/r/' } } });
  try {
    const Condition = { StringEquals: { 'aws:ResourceOrgID': id } };
    const grant = { Effect: 'Allow', Principal: '*', Action: 'lambda:*', Resource: ARN, Condition };
    const resources = {
      ...functionResources({ FunctionName: 'chat' }),
      V1: version(),
      Live: alias('V1'),
      Url: {
        Type: 'AWS::Lambda::Url',
        Properties: { AuthType: 'NONE', TargetFunctionArn: { Ref: 'Fn' }, Qualifier: 'live' },
        DependsOn: 'Live',
      },
      Policy: {
        Type: 'AWS::Lambda::ResourcePolicy',
        Properties: { ResourceArn: { Ref: 'Live' }, PolicyDocument: { Version: '2012-10-17', Statement: grant } },
      },
    };
    const template = { Outputs: { Url: { Value: { 'Fn::GetAtt': ['Url', 'FunctionUrl'] } } } };
    const deployment = await local.deploy(writeAssembly({ Chat: stack(resources, template) }));
    expect(deployment.warnings).toEqual(warnings);
    const { status } = await fetch(local.outputs('Chat')['Url'] ?? '');
    expect(status).toBe(warnings.length === 0 ? 200 : 403);
  } finally {
    await local.stop();
  }
});

import { Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import { App, type CfnOutput, Stack } from 'aws-cdk-lib/core';
import { parseStreamTargetRecord } from '../../src/wire/stream-target';
import { A, B, LIVE, permissions, propertiesOf, streamingFunction, twoAccounts } from './two-accounts';

/** The output as CloudFormation resolves it: references become the values of `deployed`. */
function resolvedOutput(output: CfnOutput, deployed: Record<string, string>): string {
  const value = Stack.of(output).resolve(output.value) as string | { 'Fn::Join': [string, unknown[]] };
  if (typeof value === 'string') return value;
  const [separator, parts] = value['Fn::Join'];
  const text = parts.map((part) => (typeof part === 'string' ? part : deployed[JSON.stringify(part)]));
  expect(text).not.toContain(undefined);
  return text.join(separator);
}

const LIVE_ARN = `arn:aws:lambda:us-east-1:${A}:function:chat:live`;

describe('exportStreamTarget', () => {
  test('writes compact JSON with the alias ARN and region', () => {
    const { a } = twoAccounts();
    const output = streamingFunction(a).exportStreamTarget();
    const text = resolvedOutput(output, { [JSON.stringify(LIVE)]: LIVE_ARN });

    expect(text).toBe(`{"streamTarget":1,"functionArn":"${LIVE_ARN}","region":"us-east-1"}`);
    expect(parseStreamTargetRecord(text)).toEqual({ streamTarget: 1, functionArn: LIVE_ARN, region: 'us-east-1' });
    expect(Object.keys(Template.fromStack(a).findOutputs('*'))).toEqual([expect.stringContaining('StreamTarget')]);
  });

  test('is one output, however often it is called', () => {
    const { a } = twoAccounts();
    const fn = streamingFunction(a);
    expect(fn.exportStreamTarget()).toBe(fn.liveAlias.exportStreamTarget());
  });

  test('knows the streaming URL, also where it is defined later', () => {
    const { a } = twoAccounts();
    const fn = streamingFunction(a);
    const output = fn.exportStreamTarget();
    fn.addStreamUrl();
    const text = resolvedOutput(output, {
      [JSON.stringify(LIVE)]: LIVE_ARN,
      [JSON.stringify({ 'Fn::GetAtt': ['ChatLiveStreamUrl30437E1D', 'FunctionUrl'] })]:
        'https://x.lambda-url.us-east-1.on.aws/',
    });
    expect(parseStreamTargetRecord(text)?.url).toBe('https://x.lambda-url.us-east-1.on.aws/');
  });

  test('leaves region and ARN to CloudFormation where the stack does not say its region', () => {
    const stack = new Stack(new App(), 'Agnostic');
    const text = resolvedOutput(streamingFunction(stack).exportStreamTarget(), {
      [JSON.stringify(LIVE)]: LIVE_ARN,
      [JSON.stringify({ Ref: 'AWS::Region' })]: 'us-east-1',
    });
    expect(parseStreamTargetRecord(text)?.region).toBe('us-east-1');
  });
});

describe('addStreamAlias', () => {
  test('has grants and an output of its own', () => {
    const { a } = twoAccounts();
    const fn = streamingFunction(a);
    const beta = fn.addStreamAlias('beta', { description: 'for the brave' });
    beta.streamGrants.invoke(new iam.AccountPrincipal(B));
    beta.exportStreamTarget();

    const betaRef = { Ref: expect.stringMatching('^ChatAliasbeta') };
    expect(permissions(a)).toEqual([{ Action: 'lambda:InvokeFunction', FunctionName: betaRef, Principal: B }]);
    expect(propertiesOf(a, 'AWS::Lambda::Alias')).toContainEqual(
      expect.objectContaining({ Name: 'beta', Description: 'for the brave' }),
    );
  });

  test('takes a version and weights', () => {
    const { a } = twoAccounts();
    const fn = streamingFunction(a);
    const old = fn.currentVersion;
    fn.addStreamAlias('weighted', { additionalVersions: [{ version: old, weight: 0.1 }] });
    expect(propertiesOf(a, 'AWS::Lambda::Alias')).toContainEqual(
      expect.objectContaining({
        RoutingConfig: { AdditionalVersionWeights: [{ FunctionVersion: expect.anything(), FunctionWeight: 0.1 }] },
      }),
    );
  });

  test('of a name that is taken is refused', () => {
    const { a } = twoAccounts();
    const fn = streamingFunction(a);
    fn.addStreamAlias('beta');
    expect(() => fn.addStreamAlias('beta')).toThrow(/already an alias 'beta'/);
    expect(() => fn.addStreamAlias('live')).toThrow(/already an alias 'live'/);
  });
});

describe('addStreamUrl', () => {
  test('opens on the alias, in streaming mode, for IAM callers', () => {
    const { a } = twoAccounts();
    streamingFunction(a).addStreamUrl();
    expect(propertiesOf(a, 'AWS::Lambda::Url')).toEqual([
      {
        AuthType: 'AWS_IAM',
        InvokeMode: 'RESPONSE_STREAM',
        Qualifier: 'live',
        TargetFunctionArn: { 'Fn::GetAtt': ['Chat26DEB33F', 'Arn'] },
      },
    ]);
  });
});

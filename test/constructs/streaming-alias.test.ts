import { Template } from 'aws-cdk-lib/assertions';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as codedeploy from 'aws-cdk-lib/aws-codedeploy';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
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
      [JSON.stringify({ 'Fn::GetAtt': ['ChatAliasliveFunctionUrlCF532B35', 'FunctionUrl'] })]:
        'https://x.lambda-url.us-east-1.on.aws/',
    });
    expect(parseStreamTargetRecord(text)?.url).toBe('https://x.lambda-url.us-east-1.on.aws/');
  });

  test('does not offer a URL that buffers', () => {
    const { a } = twoAccounts();
    const fn = streamingFunction(a);
    new lambda.FunctionUrl(a, 'Buffered', { function: fn.liveAlias, invokeMode: lambda.InvokeMode.BUFFERED });
    const text = resolvedOutput(fn.exportStreamTarget(), { [JSON.stringify(LIVE)]: LIVE_ARN });
    expect(parseStreamTargetRecord(text)).toEqual({ streamTarget: 1, functionArn: LIVE_ARN, region: 'us-east-1' });
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
    expect(() => fn.addAlias('live', { description: 'd' })).toThrow(/already an alias 'live'.*liveAliasOptions/);
  });
});

describe('provisioned concurrency', () => {
  test('follows its use between two limits', () => {
    const { a } = twoAccounts();
    const fn = streamingFunction(a, 'Chat', {
      liveAliasOptions: { provisionedConcurrentExecutions: 2, maxProvisionedConcurrentExecutions: 10 },
    });
    expect(fn.liveAlias.scaling).toBeDefined();
    expect(propertiesOf(a, 'AWS::Lambda::Alias')).toEqual([
      expect.objectContaining({ ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: 2 } }),
    ]);
    expect(propertiesOf(a, 'AWS::ApplicationAutoScaling::ScalableTarget')).toEqual([
      expect.objectContaining({
        MinCapacity: 2,
        MaxCapacity: 10,
        ScalableDimension: 'lambda:function:ProvisionedConcurrency',
      }),
    ]);
    expect(propertiesOf(a, 'AWS::ApplicationAutoScaling::ScalingPolicy')).toEqual([
      expect.objectContaining({
        PolicyType: 'TargetTrackingScaling',
        TargetTrackingScalingPolicyConfiguration: expect.objectContaining({ TargetValue: 0.7 }),
      }),
    ]);
  });

  test.each([
    [{ utilizationTarget: 0.5 }, /utilizationTarget needs maxProvisionedConcurrentExecutions/],
    [
      { provisionedConcurrentExecutions: 5, maxProvisionedConcurrentExecutions: 4 },
      /maxProvisionedConcurrentExecutions must be at least provisionedConcurrentExecutions \(5\), got 4/,
    ],
    [
      { maxProvisionedConcurrentExecutions: 4, utilizationTarget: 2 },
      /Utilization Target should be between 0.1 and 0.9/,
    ],
  ])('%j is refused', (options, message) => {
    const { a } = twoAccounts();
    expect(() => streamingFunction(a).addStreamAlias('beta', options)).toThrow(message);
  });

  test('does not scale for tenants', () => {
    const { a } = twoAccounts();
    const fn = streamingFunction(a, 'Chat', { tenancyConfig: lambda.TenancyConfig.PER_TENANT });
    expect(() => fn.addStreamAlias('warm', { maxProvisionedConcurrentExecutions: 4 })).toThrow(/tenant isolation/);
  });
});

describe('a gradual deployment', () => {
  const deploymentConfig = codedeploy.LambdaDeploymentConfig.CANARY_10PERCENT_5MINUTES;

  test('is undone by alarms on the alias that mean something for streams', () => {
    const { a } = twoAccounts();
    const fn = streamingFunction(a, 'Chat', { liveAliasOptions: { deploymentConfig } });

    expect(fn.liveAlias.deploymentGroup).toBeDefined();
    expect(propertiesOf(a, 'AWS::CodeDeploy::DeploymentGroup')).toEqual([
      expect.objectContaining({
        AlarmConfiguration: { Enabled: true, Alarms: [expect.anything(), expect.anything(), expect.anything()] },
        DeploymentConfigName: 'CodeDeployDefault.LambdaCanary10Percent5Minutes',
      }),
    ]);
    const metrics = propertiesOf(a, 'AWS::CloudWatch::Alarm').map((alarm) => alarm['MetricName']);
    expect(metrics.sort()).toEqual(['Duration', 'Errors', 'Throttles']);
    const alias = Object.values(Template.fromStack(a).findResources('AWS::Lambda::Alias'))[0];
    expect(alias?.['UpdatePolicy']).toHaveProperty('CodeDeployLambdaAliasUpdate');
  });

  test('may be undone by alarms of your own', () => {
    const { a } = twoAccounts();
    const deploymentAlarms = [cloudwatch.Alarm.fromAlarmArn(a, 'Own', `arn:aws:cloudwatch:us-east-1:${A}:alarm:own`)];
    streamingFunction(a).addStreamAlias('beta', { deploymentConfig, deploymentAlarms });
    expect(propertiesOf(a, 'AWS::CodeDeploy::DeploymentGroup')).toEqual([
      expect.objectContaining({ AlarmConfiguration: { Enabled: true, Alarms: [{ Name: 'own' }] } }),
    ]);
  });

  test('does not go with weights, nor alarms without it', () => {
    const { a } = twoAccounts();
    const fn = streamingFunction(a);
    const additionalVersions = [{ version: fn.currentVersion, weight: 0.1 }];
    expect(() => fn.addStreamAlias('one', { deploymentConfig, additionalVersions })).toThrow(/use one of them/);
    expect(() => fn.addStreamAlias('two', { deploymentAlarms: [] })).toThrow(
      /add deploymentConfig, or remove deploymentAlarms/,
    );
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

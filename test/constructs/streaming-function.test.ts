import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { App, CfnParameter, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib/core';
import { StreamingFunction, type StreamingFunctionProps } from 'cdk-lambda-streaming';
import {
  A,
  CODE,
  LIVE,
  messages,
  propertiesOf,
  role,
  statementsOf,
  streamingFunction,
  twoAccounts,
} from './two-accounts';

const { PYTHON_3_13, JAVA_21, RUBY_3_4, PROVIDED_AL2023, DOTNET_8, NODEJS_22_X, FROM_IMAGE } = lambda.Runtime;

const APP = mkdtempSync(join(tmpdir(), 'streaming-function-app-'));
writeFileSync(join(APP, 'run.sh'), '#!/bin/sh\n');
afterAll(() => rmSync(APP, { recursive: true }));

function functionOf(stack: Stack): Record<string, unknown> {
  const [properties = {}] = propertiesOf(stack, 'AWS::Lambda::Function');
  return properties;
}

describe('defaults', () => {
  test('newest Node.js, one minute, no physical name, its own log group', () => {
    const { a } = twoAccounts();
    streamingFunction(a);

    Template.fromStack(a).hasResourceProperties('AWS::Lambda::Function', {
      Handler: 'index.handler',
      Runtime: 'nodejs24.x',
      Timeout: 60,
      FunctionName: Match.absent(),
      LoggingConfig: { LogGroup: { Ref: 'ChatLogGroup393704EE' } },
    });
  });

  test('an alias on the version of this deployment, never on $LATEST', () => {
    const { a } = twoAccounts();
    const fn = streamingFunction(a);

    expect(propertiesOf(a, 'AWS::Lambda::Alias')).toEqual([
      {
        FunctionName: { Ref: 'Chat26DEB33F' },
        FunctionVersion: { 'Fn::GetAtt': [expect.stringMatching('^ChatCurrentVersion'), 'Version'] },
        Name: 'live',
      },
    ]);
    expect(a.resolve(fn.liveAlias.functionArn)).toEqual(LIVE);
    expect(fn.liveAlias.aliasName).toBe('live');
  });

  test('a role without managed policies that may write to its log group and do nothing else', () => {
    const { a } = twoAccounts();
    streamingFunction(a);

    Template.fromStack(a).hasResourceProperties('AWS::IAM::Role', { ManagedPolicyArns: Match.absent() });
    expect(statementsOf(a, 'ChatServiceRole')).toEqual([
      {
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Effect: 'Allow',
        Resource: { 'Fn::GetAtt': ['ChatLogGroup393704EE', 'Arn'] },
      },
    ]);
  });

  test.each([
    '@aws-cdk/aws-lambda:useCdkManagedLogGroup',
    '@aws-cdk/aws-lambda:createNewPoliciesWithAddToRolePolicy',
    '@aws-cdk/aws-iam:minimizePolicies',
  ])('are the same with and without the feature flag %s', (flag) => {
    const templateWith = (context: Record<string, unknown>) => {
      const { a, b } = twoAccounts(context);
      const fn = streamingFunction(a, 'Chat', { logRetention: logs.RetentionDays.ONE_MONTH });
      fn.streamGrants.invoke(role(a));
      fn.streamGrants.invoke(role(b));
      return Template.fromStack(a).toJSON();
    };
    expect(templateWith({ [flag]: true })).toEqual(templateWith({}));
  });

  test('changing the code replaces nothing but the version', () => {
    const idsWith = (code: string) => {
      const { a } = twoAccounts();
      streamingFunction(a, 'Chat', { code: lambda.Code.fromInline(code) }).streamGrants.invoke(
        new iam.AccountPrincipal('3'.repeat(12)),
      );
      return Object.entries(Template.fromStack(a).toJSON()['Resources'] as Record<string, { Type: string }>)
        .filter(([, { Type: type }]) => type !== 'AWS::Lambda::Version')
        .map(([id]) => id);
    };
    expect(idsWith('exports.handler = 1')).toEqual(idsWith('exports.handler = 2'));
  });
});

describe('options of lambda.Function', () => {
  test('pass through', () => {
    const { a } = twoAccounts();
    streamingFunction(a, 'Chat', {
      architecture: lambda.Architecture.ARM_64,
      description: 'chat',
      environment: { MODEL: 'small' },
      environmentEncryption: new kms.Key(a, 'Key'),
      functionName: 'chat',
      loggingFormat: lambda.LoggingFormat.JSON,
      memorySize: 512,
      reservedConcurrentExecutions: 5,
      timeout: Duration.minutes(10),
      tracing: lambda.Tracing.ACTIVE,
    });
    expect(functionOf(a)).toMatchObject({
      Architectures: ['arm64'],
      Description: 'chat',
      Environment: { Variables: { MODEL: 'small' } },
      FunctionName: 'chat',
      KmsKeyArn: { 'Fn::GetAtt': ['Key961B73FD', 'Arn'] },
      LoggingConfig: { LogFormat: 'JSON', LogGroup: { Ref: 'ChatLogGroup393704EE' } },
      MemorySize: 512,
      ReservedConcurrentExecutions: 5,
      Timeout: 600,
      TracingConfig: { Mode: 'Active' },
    });
  });

  test('onFailure and events are kept', () => {
    const { a } = twoAccounts();
    streamingFunction(a, 'Chat', { retryAttempts: 0, deadLetterQueueEnabled: true });
    expect(propertiesOf(a, 'AWS::Lambda::EventInvokeConfig')).toHaveLength(1);
    expect(propertiesOf(a, 'AWS::SQS::Queue')).toHaveLength(1);
  });

  test('a VPC brings the permissions for network interfaces, without those for all log groups', () => {
    const { a } = twoAccounts();
    streamingFunction(a, 'Chat', { vpc: new Vpc(a, 'Vpc') });
    Template.fromStack(a).hasResourceProperties('AWS::IAM::Role', { ManagedPolicyArns: Match.absent() });
    expect(statementsOf(a, 'ChatServiceRole')).toContainEqual(
      expect.objectContaining({ Action: expect.arrayContaining(['ec2:CreateNetworkInterface']), Resource: '*' }),
    );
  });

  test.each([
    [{ timeout: Duration.minutes(16) }, '[Provider] Chat: timeout must be from 1 to 900 seconds, got 960'],
    [{ memorySize: 64 }, '[Provider] Chat: memorySize must be from 128 to 10240 MB, got 64'],
  ])('out of range are refused: %j', (props, message) => {
    const { a } = twoAccounts();
    expect(() => streamingFunction(a, 'Chat', props)).toThrow(message);
  });

  test('a timeout from a parameter is not judged', () => {
    const { a } = twoAccounts();
    const timeout = Duration.seconds(new CfnParameter(a, 'Timeout', { type: 'Number' }).valueAsNumber);
    expect(() => streamingFunction(a, 'Chat', { timeout })).not.toThrow();
  });

  test('an environment over 4 KB is refused at synth, also when it grew later', () => {
    const { app, a } = twoAccounts();
    streamingFunction(a).addEnvironment('PROMPT', 'x'.repeat(4096));
    expect(() => app.synth()).toThrow(/environment takes 41\d\d bytes as JSON, and Lambda allows 4096/);
  });

  test.each([['MODEL-URL'], ['2ND'], ['X'], ['']])(
    "a variable that cannot be named '%s' is refused at synth",
    (name) => {
      const { app, a } = twoAccounts();
      streamingFunction(a, 'Chat', { environment: { [name]: 'x', FINE_1: 'y' } });
      const rule = 'begin with a letter, have letters, digits and underscores only, and two characters or more';
      expect(() => app.synth()).toThrow(`environment: the name of a variable must ${rule}, got '${name}'`);
    },
  );

  test('managed policies added later are kept', () => {
    const { a } = twoAccounts();
    const fn = streamingFunction(a);
    fn.role?.addManagedPolicy(iam.ManagedPolicy.fromAwsManagedPolicyName('AmazonBedrockReadOnly'));
    expect(JSON.stringify(propertiesOf(a, 'AWS::IAM::Role'))).toContain('AmazonBedrockReadOnly');
  });
});

describe('logs', () => {
  test('logRetention and logRemovalPolicy are those of its log group, without a custom resource', () => {
    const { a } = twoAccounts();
    streamingFunction(a, 'Chat', {
      logRetention: logs.RetentionDays.ONE_WEEK,
      logRemovalPolicy: RemovalPolicy.DESTROY,
    });
    const template = Template.fromStack(a);
    template.hasResource('AWS::Logs::LogGroup', { Properties: { RetentionInDays: 7 }, DeletionPolicy: 'Delete' });
    template.resourceCountIs('Custom::LogRetention', 0);
  });

  test('infinite retention leaves the property out', () => {
    const { a } = twoAccounts();
    streamingFunction(a, 'Chat', { logRetention: logs.RetentionDays.INFINITE });
    Template.fromStack(a).hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: Match.absent() });
  });

  test('a log group of the caller is used and may be written to', () => {
    const { a } = twoAccounts();
    const fn = streamingFunction(a, 'Chat', { logGroup: new logs.LogGroup(a, 'Shared') });

    expect(functionOf(a)['LoggingConfig']).toEqual({ LogGroup: { Ref: 'SharedDACC02AA' } });
    expect(JSON.stringify(statementsOf(a, 'ChatServiceRole'))).toContain('SharedDACC02AA');
    expect(propertiesOf(a, 'AWS::Logs::LogGroup')).toHaveLength(1);
    expect(a.resolve(fn.logGroup.logGroupName)).toEqual({ Ref: 'SharedDACC02AA' });
  });

  test('its log group is the one it names', () => {
    const { a } = twoAccounts();
    expect(a.resolve(streamingFunction(a).logGroup.logGroupName)).toEqual({ Ref: 'ChatLogGroup393704EE' });
  });

  test('a role of the caller may write to the log group, and keeps its own policies', () => {
    const { a } = twoAccounts();
    streamingFunction(a, 'Chat', { role: role(a, 'Mine') });
    expect(statementsOf(a, 'Mine')).toHaveLength(1);
    expect(propertiesOf(a, 'AWS::IAM::Role')).toHaveLength(1);
  });

  test('a role of another stack is not touched, and the missing permission is told', () => {
    const app = new App();
    const env = { account: A, region: 'us-east-1' };
    const [roles, functions] = [new Stack(app, 'Roles', { env }), new Stack(app, 'Functions', { env })];
    streamingFunction(functions, 'Chat', { role: role(roles, 'Mine') });

    expect(statementsOf(roles, 'Mine')).toEqual([]);
    expect(messages(functions, 'Info', 'LogPermissionsMissing')).toHaveLength(1);
  });

  test('an immutable role is told as well', () => {
    const { a } = twoAccounts();
    const known = iam.Role.fromRoleArn(a, 'Known', `arn:aws:iam::${A}:role/known`, { mutable: false });
    streamingFunction(a, 'Chat', { role: known });
    expect(messages(a, 'Info', 'LogPermissionsMissing')).toHaveLength(1);
  });

  test.each([
    [
      { logRetentionRetryOptions: {} },
      /Chat: logRetentionRetryOptions configures a custom resource .*; remove logRetentionRetryOptions/,
    ],
    [
      { logRetention: 7, logGroup: true },
      /Chat: logRetention is for the log group this function would define, but logGroup is given/,
    ],
  ])('refuses what would have no effect: %j', (props, message) => {
    const { a } = twoAccounts();
    const logGroup = 'logGroup' in props ? new logs.LogGroup(a, 'Shared') : undefined;
    expect(() => streamingFunction(a, 'Chat', { ...props, logGroup } as Partial<StreamingFunctionProps>)).toThrow(
      message,
    );
  });
});

describe('code', () => {
  test('an entry is bundled, and its export is named or `handler`', () => {
    const entry = join(APP, 'chat.ts');
    writeFileSync(entry, 'export const handler = 1; export const chat = 2;');
    const { a } = twoAccounts();
    new StreamingFunction(a, 'One', { entry });
    new StreamingFunction(a, 'Two', { entry, handler: 'chat' });
    expect(propertiesOf(a, 'AWS::Lambda::Function').map((each) => each['Handler'])).toEqual([
      'index.handler',
      'index.chat',
    ]);
  });

  test('an entry and a folder bundled before are the same function', () => {
    const entry = join(APP, 'folder.ts');
    writeFileSync(entry, 'export const handler = 1;');
    const folder = join(APP, 'bundled');
    mkdirSync(folder);
    writeFileSync(join(folder, 'index.js'), 'exports.handler = 1;');
    const templateOf = (code: Partial<StreamingFunctionProps>) => {
      const { a } = twoAccounts();
      new StreamingFunction(a, 'Chat', code).streamGrants.invoke(role(a));
      const text = JSON.stringify(Template.fromStack(a).toJSON());
      return text.replace(/[0-9a-f]{64}\.zip/g, '<asset>').replace(/(CurrentVersion\w{8})[0-9a-f]{32}/g, '$1');
    };
    expect(templateOf({ entry })).toBe(templateOf({ code: lambda.Code.fromAsset(folder) }));
  });

  test('a container image brings its handler and runtime', () => {
    const { a } = twoAccounts();
    const image = lambda.DockerImageCode.fromEcr(Repository.fromRepositoryName(a, 'Repo', 'chat'), {
      tagOrDigest: 'v1',
    });
    new StreamingFunction(a, 'Chat', { image });
    expect(functionOf(a)).toMatchObject({ PackageType: 'Image', Code: { ImageUri: expect.anything() } });
    expect(functionOf(a)).not.toHaveProperty('Runtime');
    expect(functionOf(a)).not.toHaveProperty('Handler');
  });

  test('an image may also be given as code with the runtime FROM_IMAGE', () => {
    const { a } = twoAccounts();
    const code = lambda.Code.fromEcrImage(Repository.fromRepositoryName(a, 'Repo', 'chat'));
    new StreamingFunction(a, 'Chat', { code, runtime: FROM_IMAGE });
    expect(functionOf(a)).toMatchObject({ PackageType: 'Image' });
  });

  const { a } = twoAccounts();
  const image = lambda.DockerImageCode.fromImageAsset(__dirname);
  test.each<[StreamingFunctionProps, RegExp]>([
    [{}, /^\[Provider\] Chat: pass exactly one of entry .*, got none$/],
    [{ entry: 'x.ts', code: CODE }, /got entry and code$/],
    [
      { code: CODE, bundling: {} },
      /bundling says how to bundle an entry, but the code is given by code; remove bundling/,
    ],
    [{ entry: 'x.ts', runtime: PROVIDED_AL2023 }, /an entry is bundled for Node.js, got runtime provided.al2023/],
    [{ image, handler: 'a.b' }, /a container image brings its own runtime and handler/],
  ])('%# is refused', (props, message) => {
    expect(() => new StreamingFunction(a, 'Chat', props)).toThrow(message);
  });
});

describe('runtimes', () => {
  test.each([PYTHON_3_13, JAVA_21, RUBY_3_4])('%s buffers, and is refused with three ways out', (runtime) => {
    const { a } = twoAccounts();
    expect(() => streamingFunction(a, 'Chat', { runtime })).toThrow(
      new RegExp(
        `^\\[Provider\\] Chat: the function 'Chat' runs on '${runtime.name}'.*Node.js.*WebAdapter\\.layer\\(\\).*provided\\.al2023`,
      ),
    );
    expect(a.node.tryFindChild('Chat')).toBeUndefined();
  });

  test.each([NODEJS_22_X, PROVIDED_AL2023, DOTNET_8, new lambda.Runtime('nodejs99.x', lambda.RuntimeFamily.NODEJS)])(
    '%s is accepted',
    (runtime) => {
      const { a } = twoAccounts();
      streamingFunction(a, 'Chat', { runtime, code: lambda.Code.fromAsset(APP), handler: 'bootstrap' });
      expect(functionOf(a)['Runtime']).toBe(runtime.name);
    },
  );

  test('a runtime from a parameter is not judged', () => {
    const { a } = twoAccounts();
    const runtime = new lambda.Runtime(new CfnParameter(a, 'Runtime').valueAsString, lambda.RuntimeFamily.PYTHON, {
      supportsInlineCode: true,
    });
    expect(() => streamingFunction(a, 'Chat', { runtime })).not.toThrow();
  });

  test('a durable function is not known to stream', () => {
    const { a } = twoAccounts();
    streamingFunction(a, 'Chat', { durableConfig: { executionTimeout: Duration.hours(1) } });
    expect(messages(a, 'Warning', 'DurableStream')).toHaveLength(1);
  });

  test('a tenant-isolated function has no URL and no provisioned concurrency', () => {
    const { a } = twoAccounts();
    const fn = streamingFunction(a, 'Chat', { tenancyConfig: lambda.TenancyConfig.PER_TENANT });
    expect(() => fn.addStreamUrl()).toThrow(/tenant isolation/);
    expect(() => fn.addStreamAlias('warm', { provisionedConcurrentExecutions: 1 })).toThrow(/tenant isolation/);
  });
});

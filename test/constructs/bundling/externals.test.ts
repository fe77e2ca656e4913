/** Which modules are left to the runtime, and the warnings where it will not have them, beside those of `NodejsFunction`. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as nodejs from 'aws-cdk-lib/aws-lambda-nodejs';
import type { Stack } from 'aws-cdk-lib/core';
import type { StreamingBundlingOptions } from '../../../src/constructs/streaming-bundling-options';
import { StreamingCode } from '../../../src/constructs/streaming-code';
import { assetDir, assetHashes, newStack, Project, removeProjects } from './project';

afterAll(removeProjects);

const project = Project.create({
  'src/handler.ts':
    "import { client } from '@aws-sdk/client'; import { smithy } from '@smithy/core'; export const handler = () => [client, smithy];",
  'node_modules/@aws-sdk/client/index.js': "exports.client = 'client is bundled';",
  'node_modules/@smithy/core/index.js': "exports.smithy = 'smithy is bundled';",
});

function bundleFor(
  runtime: lambda.Runtime,
  options: StreamingBundlingOptions = {},
  context: Record<string, unknown> = {},
): string {
  const stack = newStack({ context });
  const code = StreamingCode.fromEntry(project.path('src/handler.ts'), options);
  new lambda.Function(stack, 'Fn', { code, handler: 'index.handler', runtime });
  return fs.readFileSync(path.join(assetDir(stack, assetHashes(stack)[0] ?? ''), 'index.js'), 'utf8');
}

describe('externals by runtime', () => {
  const SMITHY_FLAG = '@aws-cdk/aws-lambda-nodejs:sdkV3ExcludeSmithyPackages';

  test('leave out version 3 of the SDK where Lambda has it', () => {
    expect(bundleFor(lambda.Runtime.NODEJS_20_X)).not.toContain('client is bundled');
  });

  test('follow the feature flag for the packages below the SDK', () => {
    expect(bundleFor(lambda.Runtime.NODEJS_20_X)).toContain('smithy is bundled');
    expect(bundleFor(lambda.Runtime.NODEJS_20_X, {}, { [SMITHY_FLAG]: true })).not.toContain('smithy is bundled');
  });

  test('are none for a runtime that may change, wherever it is named', () => {
    expect(bundleFor(lambda.Runtime.NODEJS_LATEST)).toContain('client is bundled');
    expect(bundleFor(lambda.Runtime.NODEJS_20_X, { runtime: lambda.Runtime.NODEJS_LATEST })).toContain(
      'client is bundled',
    );
  });

  test('are none with bundleAwsSDK, and as given with externalModules', () => {
    expect(bundleFor(lambda.Runtime.NODEJS_20_X, { bundleAwsSDK: true })).toContain('client is bundled');
    const given = bundleFor(lambda.Runtime.NODEJS_20_X, { externalModules: ['@smithy/*'] });
    expect(given).toContain('client is bundled');
    expect(given).not.toContain('smithy is bundled');
  });
});

describe('warnings', () => {
  /** Without the parts that are ours or theirs: the acknowledgement at the end. */
  const warnings = (stack: Stack) =>
    Annotations.fromStack(stack)
      .findWarning('*', Match.anyValue())
      .map(({ entry }) => String(entry.data))
      .filter((text) => !text.includes('deprecated') || text.includes('SDK'));

  function ours(runtime: lambda.Runtime, externalModules?: string[]): string[] {
    const stack = newStack();
    const code = StreamingCode.fromEntry(project.path('src/handler.ts'), { externalModules });
    new lambda.Function(stack, 'Fn', { code, handler: 'index.handler', runtime });
    return warnings(stack);
  }

  /** Without bundling, which the warnings do not wait for. */
  function theirs(runtime: lambda.Runtime, externalModules?: string[]): string[] {
    const stack = newStack({ context: { 'aws:cdk:bundling-stacks': [] } });
    new nodejs.NodejsFunction(stack, 'Fn', {
      entry: project.path('src/handler.ts'),
      depsLockFilePath: project.path('package-lock.json'),
      runtime,
      bundling: { externalModules },
    });
    return warnings(stack);
  }

  const { NODEJS_16_X, NODEJS_22_X, NODEJS_LATEST } = lambda.Runtime;

  test.each<[lambda.Runtime, string[] | undefined, string[]]>([
    [NODEJS_22_X, undefined, []],
    [NODEJS_22_X, ['@aws-sdk/*', 'other'], []],
    [NODEJS_22_X, ['aws-sdk'], ['nodejs22.x has version 3 of the AWS SDK only']],
    [NODEJS_16_X, [], []],
    [NODEJS_16_X, undefined, ['is deprecated by Lambda; use a newer runtime']],
    [
      NODEJS_16_X,
      ['@aws-sdk/client-s3'],
      ['nodejs16.x has version 2 of the AWS SDK only', 'is deprecated by Lambda; use a newer runtime'],
    ],
    [NODEJS_LATEST, undefined, []],
    [NODEJS_LATEST, ['other'], ['the runtime may change']],
    [NODEJS_LATEST, ['aws-sdk'], ['has version 3 of the AWS SDK only', 'the runtime may change']],
  ])('%s leaving out %j: as many as NodejsFunction gives', (runtime, externalModules, texts) => {
    const given = ours(runtime, externalModules);
    expect(given).toEqual(texts.map((text) => expect.stringContaining(text)));
    expect(given).toHaveLength(theirs(runtime, externalModules).length);
  });

  test('can be acknowledged, and name what is left out', () => {
    expect(ours(NODEJS_22_X, ['aws-sdk', 'other'])).toEqual([
      expect.stringMatching(/Left to it: aws-sdk, other\. \[ack: cdk-lambda-streaming:SdkNotInRuntime\]$/),
    ]);
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { App, Stack } from 'aws-cdk-lib/core';
import { StreamingFunction, WebAdapter } from 'cdk-lambda-streaming';
import { A, propertiesOf, twoAccounts } from './two-accounts';

const { PYTHON_3_13 } = lambda.Runtime;
const APP = mkdtempSync(join(tmpdir(), 'web-adapter-app-'));
writeFileSync(join(APP, 'run.sh'), '#!/bin/sh\n');
afterAll(() => rmSync(APP, { recursive: true }));

function functionOf(stack: Stack): Record<string, unknown> {
  const [properties = {}] = propertiesOf(stack, 'AWS::Lambda::Function');
  return properties;
}

describe('a web adapter', () => {
  /** Code belongs to one stack, so each test has its own. */
  const python = () => ({ runtime: PYTHON_3_13, code: lambda.Code.fromAsset(APP) });
  const PUBLIC_LAYER = (name: string) => ({
    'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:lambda:us-east-1:753240598075:layer:${name}`]],
  });

  test('makes a Python web server stream, started by run.sh', () => {
    const { a } = twoAccounts();
    new StreamingFunction(a, 'Chat', { ...python(), webAdapter: WebAdapter.layer() });
    expect(functionOf(a)).toMatchObject({
      Handler: 'run.sh',
      Runtime: 'python3.13',
      Layers: [PUBLIC_LAYER('LambdaAdapterLayerX86:27')],
      Environment: { Variables: { AWS_LAMBDA_EXEC_WRAPPER: '/opt/bootstrap', AWS_LWA_INVOKE_MODE: 'response_stream' } },
    });
  });

  test('takes architecture, layer version, port and readiness path', () => {
    const { a } = twoAccounts();
    new StreamingFunction(a, 'Chat', {
      ...python(),
      architecture: lambda.Architecture.ARM_64,
      environment: { MODEL: 'small' },
      handler: 'start.sh',
      webAdapter: WebAdapter.layer({ layerVersion: 25, port: 8000, readinessCheckPath: '/health' }),
    });
    expect(functionOf(a)).toMatchObject({
      Handler: 'start.sh',
      Layers: [PUBLIC_LAYER('LambdaAdapterLayerArm64:25')],
      Environment: {
        Variables: { AWS_LWA_PORT: '8000', AWS_LWA_READINESS_CHECK_PATH: '/health', MODEL: 'small' },
      },
    });
  });

  test('may be a layer of your own, next to other layers', () => {
    const { a } = twoAccounts();
    const layer = (name: string) =>
      lambda.LayerVersion.fromLayerVersionArn(a, name, `arn:aws:lambda:us-east-1:${A}:layer:${name}:1`);
    new StreamingFunction(a, 'Chat', {
      ...python(),
      layers: [layer('deps')],
      webAdapter: WebAdapter.fromLayerVersion(layer('adapter')),
    });
    expect(functionOf(a)['Layers']).toEqual([
      `arn:aws:lambda:us-east-1:${A}:layer:deps:1`,
      `arn:aws:lambda:us-east-1:${A}:layer:adapter:1`,
    ]);
  });

  test('in an image needs no layer', () => {
    const { a } = twoAccounts();
    const image = lambda.DockerImageCode.fromEcr(Repository.fromRepositoryName(a, 'Repo', 'chat'));
    new StreamingFunction(a, 'Chat', { image, webAdapter: WebAdapter.inImage({ port: 8000 }) });
    expect(functionOf(a)['Environment']).toEqual({
      Variables: { AWS_LWA_INVOKE_MODE: 'response_stream', AWS_LWA_PORT: '8000' },
    });
    expect(() => new StreamingFunction(a, 'Again', { image, webAdapter: WebAdapter.layer() })).toThrow(
      /a container image cannot have layers; .*WebAdapter.inImage\(\)/,
    );
    expect(() => new StreamingFunction(a, 'Zip', { ...python(), webAdapter: WebAdapter.inImage() })).toThrow(
      /WebAdapter.inImage\(\) is for container images/,
    );
  });

  test('refuses settings that would undo it', () => {
    const { a } = twoAccounts();
    const webAdapter = WebAdapter.layer();
    const environment = { AWS_LWA_INVOKE_MODE: 'buffered' };
    expect(() => new StreamingFunction(a, 'Chat', { ...python(), environment, webAdapter })).toThrow(
      /environment.AWS_LWA_INVOKE_MODE is 'buffered', but the web adapter needs 'response_stream'/,
    );
    expect(() => WebAdapter.layer({ port: 0 })).toThrow('port must be a whole number from 1 to 65535, got 0');
  });

  test('has no public layer in China', () => {
    const stack = new Stack(new App(), 'Cn', { env: { account: A, region: 'cn-north-1' } });
    expect(() => new StreamingFunction(stack, 'Chat', { ...python(), webAdapter: WebAdapter.layer() })).toThrow(
      /not in cn-north-1; publish it in your account and pass WebAdapter.fromLayerVersion\(\)/,
    );
  });
});

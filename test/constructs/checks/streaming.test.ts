/** What does not stream, and what ends early. */
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elb from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { CfnResource, Duration, Size, type Stack } from 'aws-cdk-lib/core';
import { findings, fnIn, PYTHON_3_13, RESPONSE_STREAM, urlIn } from './findings';

const STREAM = { responseTransferMode: apigateway.ResponseTransferMode.STREAM };
const REGIONAL = { endpointConfiguration: { types: [apigateway.EndpointType.REGIONAL] } };

/** A plain REST API that streams from the alias of a plain function. */
function restIn(
  stack: Stack,
  {
    api = REGIONAL as apigateway.RestApiProps,
    integration = {} as apigateway.LambdaIntegrationOptions,
    fn = {} as Partial<lambda.FunctionProps>,
  } = {},
): lambda.Alias {
  const alias = fnIn(stack, fn).addAlias('live');
  const options = { ...STREAM, timeout: Duration.minutes(15), ...integration };
  new apigateway.RestApi(stack, 'Api', api).root.addMethod('GET', new apigateway.LambdaIntegration(alias, options));
  return alias;
}

describe('BufferingRuntime', () => {
  const python = { runtime: PYTHON_3_13 };

  test('python behind a URL, and behind a REST API', () => {
    expect(findings('BufferingRuntime', (stack) => urlIn(stack, python))).toEqual([
      expect.stringMatching(
        /^\/Stack1\/Fn\/Aliaslive\/FunctionUrl\/Resource: the function Stack1\/Fn runs on 'python3\.13'/,
      ),
    ]);
    expect(findings('BufferingRuntime', (stack) => restIn(stack, { fn: python }))).toHaveLength(1);
  });

  test('not behind a buffered URL, nor with the Lambda Web Adapter, nor Node.js, provided or an image', () => {
    const environment = { AWS_LWA_INVOKE_MODE: 'response_stream' };
    const silent = (props: Partial<lambda.FunctionProps>) =>
      findings('BufferingRuntime', (stack) => urlIn(stack, props));
    expect(silent({ ...python, environment })).toEqual([]);
    expect(silent({})).toEqual([]);
    expect(silent({ runtime: lambda.Runtime.PROVIDED_AL2023, code: lambda.Code.fromAsset(__dirname) })).toEqual([]);
    expect(findings('BufferingRuntime', (stack) => fnIn(stack, python).addFunctionUrl())).toEqual([]);
  });

  test('in resources without a construct of their own, and in overrides', () => {
    expect(
      findings('BufferingRuntime', (stack) => {
        const { fn } = urlIn(stack);
        (fn.node.defaultChild as CfnResource).addPropertyOverride('Runtime', 'ruby3.3');
      }),
    ).toHaveLength(1);
    expect(
      findings('BufferingRuntime', (stack) => {
        const properties = { TargetFunctionArn: fnIn(stack, python).functionArn, InvokeMode: 'RESPONSE_STREAM' };
        new CfnResource(stack, 'Raw', { type: 'AWS::Lambda::Url', properties });
      }),
    ).toHaveLength(1);
  });
});

describe('BufferingFrontEnd', () => {
  test('an HTTP API, a load balancer and a buffered method in front of a function that streams elsewhere', () => {
    const found = findings('BufferingFrontEnd', (stack) => {
      const { alias } = urlIn(stack);
      new CfnResource(stack, 'Http', {
        type: 'AWS::ApiGatewayV2::Integration',
        properties: { IntegrationType: 'AWS_PROXY', IntegrationUri: alias.functionArn },
      });
      new elb.CfnTargetGroup(stack, 'Balancer', { targetType: 'lambda', targets: [{ id: alias.functionArn }] });
      new apigateway.RestApi(stack, 'Api').root.addMethod('GET', new apigateway.LambdaIntegration(alias));
    });
    expect(found.map((text) => text.split(':')[1]?.trim().split(' waits')[0])).toEqual([
      'an HTTP or WebSocket API',
      'a load balancer',
      'a REST API method without STREAM',
    ]);
  });

  test('not in front of a function that streams nowhere', () => {
    expect(
      findings('BufferingFrontEnd', (stack) => {
        const integration = new apigateway.LambdaIntegration(fnIn(stack));
        new apigateway.RestApi(stack, 'Api').root.addMethod('GET', integration);
      }),
    ).toEqual([]);
  });
});

describe('DurableStream', () => {
  test('a durable function behind a streaming URL, not behind a buffered one', () => {
    const durable = { durableConfig: { executionTimeout: Duration.hours(1) } };
    expect(findings('DurableStream', (stack) => urlIn(stack, durable))).toHaveLength(1);
    expect(findings('DurableStream', (stack) => fnIn(stack, durable).addFunctionUrl())).toEqual([]);
  });
});

describe('VpcUrl', () => {
  test('a function in a VPC behind a URL, not behind a REST API', () => {
    const vpcIn = (stack: Stack) =>
      new ec2.Vpc(stack, 'Vpc', {
        natGateways: 0,
        subnetConfiguration: [{ name: 'a', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }],
      });
    const inVpc = (stack: Stack) => ({
      vpc: vpcIn(stack),
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
    });
    expect(findings('VpcUrl', (stack) => urlIn(stack, inVpc(stack)))).toHaveLength(1);
    expect(findings('VpcUrl', (stack) => restIn(stack, { fn: inVpc(stack) }))).toEqual([]);
  });
});

describe('TenantFrontEnd', () => {
  const tenants = { tenancyConfig: lambda.TenancyConfig.PER_TENANT };
  const header = { 'integration.request.header.X-Amz-Tenant-Id': 'method.request.header.x-tenant' };

  test('a URL, and a method that sends no tenant id', () => {
    expect(
      findings('TenantFrontEnd', (stack) => {
        const targetFunctionArn = fnIn(stack, tenants).functionArn;
        new lambda.CfnUrl(stack, 'Url', { authType: 'AWS_IAM', targetFunctionArn, invokeMode: RESPONSE_STREAM });
      }),
    ).toHaveLength(1);
    expect(findings('TenantFrontEnd', (stack) => restIn(stack, { fn: tenants }))).toHaveLength(1);
  });

  test('not a method that maps one', () => {
    const integration = { requestParameters: header };
    expect(findings('TenantFrontEnd', (stack) => restIn(stack, { fn: tenants, integration }))).toEqual([]);
  });
});

describe('EdgeRestApi', () => {
  test("CDK's default and an explicit EDGE, not REGIONAL, and not without STREAM", () => {
    const edge = { endpointTypes: [apigateway.EndpointType.EDGE] };
    expect(findings('EdgeRestApi', (stack) => restIn(stack, { api: {} }))).toHaveLength(1);
    expect(findings('EdgeRestApi', (stack) => restIn(stack, { api: edge }))).toHaveLength(1);
    expect(findings('EdgeRestApi', (stack) => restIn(stack))).toEqual([]);
    expect(
      findings('EdgeRestApi', (stack) => {
        const buffered = { responseTransferMode: apigateway.ResponseTransferMode.BUFFERED };
        restIn(stack, { api: {}, integration: buffered });
      }),
    ).toEqual([]);
  });
});

describe('RestTimeout', () => {
  test('29 seconds by default, before the function ends', () => {
    const fn = { timeout: Duration.minutes(1) };
    expect(findings('RestTimeout', (stack) => restIn(stack, { fn, integration: { timeout: undefined } }))).toEqual([
      expect.stringMatching(/cuts the response after 29 s, .* may run 60 s.*without a timeout of its own/),
    ]);
  });

  test('more than 15 minutes', () => {
    const integration = { timeout: Duration.minutes(16) };
    expect(findings('RestTimeout', (stack) => restIn(stack, { integration }))).toEqual([
      expect.stringContaining('960000 ms'),
    ]);
  });

  test('not where the function ends first, also by its 3 seconds of default', () => {
    expect(findings('RestTimeout', (stack) => restIn(stack))).toEqual([]);
    expect(findings('RestTimeout', (stack) => restIn(stack, { integration: { timeout: undefined } }))).toEqual([]);
  });
});

describe('RestBuffering', () => {
  test('an API that compresses, and a stage that caches', () => {
    const compressing = { ...REGIONAL, minCompressionSize: Size.bytes(100) };
    const caching = { ...REGIONAL, deployOptions: { cachingEnabled: true } };
    expect(findings('RestBuffering', (stack) => restIn(stack, { api: compressing }))).toHaveLength(1);
    expect(findings('RestBuffering', (stack) => restIn(stack, { api: caching }))).toHaveLength(1);
    expect(findings('RestBuffering', (stack) => restIn(stack))).toEqual([]);
  });
});

describe('UnqualifiedFrontEnd', () => {
  test('a URL on the function itself, not on its alias', () => {
    const onLatest = (stack: Stack) => fnIn(stack).addFunctionUrl({ invokeMode: RESPONSE_STREAM });
    expect(findings('UnqualifiedFrontEnd', onLatest)).toHaveLength(1);
    expect(findings('UnqualifiedFrontEnd', (stack) => urlIn(stack))).toEqual([]);
  });
});

describe('LatestAlias', () => {
  test('an alias on $LATEST behind a streaming front end, not elsewhere', () => {
    const onLatest = (stack: Stack, invokeMode: lambda.InvokeMode) => {
      const alias = new lambda.Alias(stack, 'Live', { aliasName: 'live', version: fnIn(stack).latestVersion });
      alias.addFunctionUrl({ invokeMode });
    };
    expect(findings('LatestAlias', (stack) => onLatest(stack, RESPONSE_STREAM))).toHaveLength(1);
    expect(findings('LatestAlias', (stack) => onLatest(stack, lambda.InvokeMode.BUFFERED))).toEqual([]);
    expect(findings('LatestAlias', (stack) => urlIn(stack))).toEqual([]);
  });
});

import * as lambda from 'aws-cdk-lib/aws-lambda';
import { CfnResource } from 'aws-cdk-lib/core';
import { findings, fnIn, PYTHON_3_13, restIn, urlIn } from './findings';

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
  const silent = (props: Partial<lambda.FunctionProps>) => findings('BufferingRuntime', (stack) => urlIn(stack, props));
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

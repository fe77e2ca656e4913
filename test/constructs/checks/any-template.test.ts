/** Whatever is in a template, the checks come to an end and do not fail: they look, they are not asked to judge. */
import { App, CfnResource, Stack } from 'aws-cdk-lib/core';
import fc from 'fast-check';
import { CheckedApp } from '../../../src/constructs/checks/checked-app';
import { RULES } from '../../../src/constructs/checks/rules';

const TYPES = [
  'AWS::Lambda::Function',
  'AWS::Lambda::Alias',
  'AWS::Lambda::Version',
  'AWS::Lambda::Url',
  'AWS::Lambda::Permission',
  'AWS::Lambda::ResourcePolicy',
  'AWS::IAM::Policy',
  'AWS::IAM::Role',
  'AWS::ApiGateway::Method',
  'AWS::ApiGateway::Stage',
  'AWS::ApiGateway::RestApi',
  'AWS::ApiGatewayV2::Integration',
  'AWS::ElasticLoadBalancingV2::TargetGroup',
];

/** References to the resources of the same template, well formed and not. */
const reference = fc.oneof(
  fc.nat(5).map((index) => ({ Ref: `R${index}` })),
  fc.nat(5).map((index) => ({ 'Fn::GetAtt': [`R${index}`, 'Arn'] })),
  fc.constantFrom<unknown>(
    { Ref: 'Nothing' },
    { 'Fn::GetAtt': 'R0.Arn' },
    { 'Fn::ImportValue': 'Nowhere' },
    { 'Fn::Join': ['', [{ Ref: 'R0' }, ':live']] },
    { 'Fn::Join': [{ Ref: 'R0' }] },
    { 'Fn::Join': ['', ['arn:aws:lambda:', { Ref: 'AWS::Region' }, ':111111111111:function:', { Ref: 'R1' }]] },
    { 'Fn::Sub': ['$', '{R0.Arn}:live'].join('') },
    'arn:aws:lambda:eu-west-1:111111111111:function:name:live',
    'arn:aws:lambda',
    'name:live',
    '*',
    '',
  ),
);
const value: fc.Arbitrary<unknown> = fc.oneof(
  { depthSize: 'small' },
  reference,
  fc.constantFrom('RESPONSE_STREAM', 'STREAM', 'AWS_IAM', 'NONE', 'python3.13', '$LATEST', 'Allow', '222222222222'),
  fc.constantFrom('lambda:InvokeFunctionUrl', 'lambda:InvokeFunction', 'lambda:*', 'lambda:InvokeWithResponseStream'),
  fc.jsonValue({ maxDepth: 2 }).filter((json) => !/e\+2\d\d/.test(JSON.stringify(json))), // CDK's tokens look like that
);

const NAMES = [
  'FunctionName',
  'TargetFunctionArn',
  'ResourceArn',
  'IntegrationUri',
  'Qualifier',
  'Name',
  'InvokeMode',
  'AuthType',
  'Runtime',
  'Timeout',
  'Environment',
  'VpcConfig',
  'TenancyConfig',
  'DurableConfig',
  'FunctionVersion',
  'Action',
  'Principal',
  'SourceArn',
  'FunctionUrlAuthType',
  'InvokedViaFunctionUrl',
  'RestApiId',
  'MethodSettings',
  'EndpointConfiguration',
  'Targets',
  'Roles',
  'Policies',
] as const;
const statement = fc.record(
  { Effect: value, Action: value, Resource: value, Principal: value, Condition: value },
  { requiredKeys: [] },
);
const properties = fc.record(
  {
    ...(Object.fromEntries(NAMES.map((name) => [name, value])) as Record<
      (typeof NAMES)[number],
      fc.Arbitrary<unknown>
    >),
    PolicyDocument: fc.oneof(
      value,
      fc.record({ Statement: fc.oneof(value, statement, fc.array(fc.oneof(statement, value), { maxLength: 3 })) }),
    ),
    Integration: fc.oneof(
      value,
      fc.record(
        { ResponseTransferMode: value, Uri: value, TimeoutInMillis: value, RequestParameters: value },
        { requiredKeys: [] },
      ),
    ),
  },
  { requiredKeys: [] },
);
const template = fc.array(fc.record({ type: fc.constantFrom(...TYPES), properties }), { minLength: 1, maxLength: 6 });

test('no template makes a rule fail or run on', () => {
  fc.assert(
    fc.property(template, (resources) => {
      const stack = new Stack(new App(), 'Stack', { env: { account: '111111111111', region: 'eu-west-1' } });
      for (const [index, resource] of resources.entries()) new CfnResource(stack, `R${index}`, resource);
      const app = CheckedApp.read(stack.node.root);
      for (const rule of RULES)
        for (const { message } of rule.find(app)) expect(message).not.toMatch(/undefined|\[object/);
    }),
    { numRuns: 100 },
  );
});

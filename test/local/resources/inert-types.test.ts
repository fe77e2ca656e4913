import { A, deploy, logGroup, stack, state } from '../engine/engine-fixture';

const att = (name: string, attribute: string) => ({ 'Fn::GetAtt': [name, attribute] });

/** Outputs of a stack with one resource `X`. */
async function outputsOf(
  Type: string,
  outputs: Readonly<Record<string, unknown>>,
  Properties: Record<string, unknown> = {},
) {
  const Outputs = Object.fromEntries(Object.entries(outputs).map(([name, Value]) => [name, { Value }]));
  return (await deploy({ S: stack({ X: { Type, Properties } }, { Outputs }) })).stacks[0]?.outputs;
}

const ID = '[a-z0-9]';

describe('a resource that does nothing here', () => {
  test.each<[string, Record<string, unknown>, Record<string, RegExp>]>([
    [
      'AWS::Cognito::UserPool',
      { Ref: { Ref: 'X' }, Arn: att('X', 'Arn'), Url: att('X', 'ProviderURL') },
      {
        Ref: /^eu-west-1_[A-Z0-9]{9}$/,
        Arn: /^arn:aws:cognito-idp:eu-west-1:111111111111:userpool\/eu-west-1_/,
        Url: /^https:\/\/cognito-idp\.eu-west-1\.amazonaws\.com\/eu-west-1_/,
      },
    ],
    [
      'AWS::SecretsManager::Secret',
      { Ref: { Ref: 'X' } },
      { Ref: /^arn:aws:secretsmanager:eu-west-1:\d{12}:secret:S-X-/ },
    ],
    [
      'AWS::SQS::Queue',
      { Ref: { Ref: 'X' } },
      { Ref: /^https:\/\/sqs\.eu-west-1\.amazonaws\.com\/111111111111\/S-X-/ },
    ],
    [
      'AWS::ECS::TaskDefinition',
      { Family: { 'Fn::Select': [1, { 'Fn::Split': ['/', { Ref: 'X' }] }] }, Arn: att('X', 'TaskDefinitionArn') },
      { Family: /^S-X-\w+:1$/, Arn: /^arn:aws:ecs:eu-west-1:111111111111:task-definition\/S-X-\w+:1$/ },
    ],
    [
      'AWS::ElasticLoadBalancingV2::LoadBalancer',
      { Ref: { Ref: 'X' }, Full: att('X', 'LoadBalancerFullName') },
      {
        Ref: /^arn:aws:elasticloadbalancing:eu-west-1:111111111111:loadbalancer\/app\/S-X-\w+\/[0-9a-f]{16}$/,
        Full: /^app\/S-X-\w+\/[0-9a-f]{16}$/,
      },
    ],
    [
      'AWS::RDS::DBProxy',
      { Id: { 'Fn::Select': [6, { 'Fn::Split': [':', att('X', 'DBProxyArn')] }] } },
      { Id: /^prx-[0-9a-f]{17}$/ },
    ],
    [
      'AWS::Made::Thing',
      { Arn: att('X', 'ThingArn'), Url: att('X', 'Inner.Url'), Id: att('X', 'OtherId'), Own: att('X', 'ThingId') },
      {
        Arn: /^arn:aws:made:eu-west-1:111111111111:thing\/S-X-/,
        Url: /^https:\/\/s-x-\w+\.made\.eu-west-1\.amazonaws\.com$/,
        Id: new RegExp(`^${ID}{10}$`),
        Own: /^S-X-/,
      },
    ],
    ['Custom::Own', { Any: att('X', 'Whatever') }, { Any: /^S-X-\w+\.Whatever$/ }],
  ])('has names in the form of AWS: %s', async (type, outputs, expected) => {
    const expectedOutputs = Object.entries(expected).map(([name, form]) => [name, expect.stringMatching(form)]);
    expect(await outputsOf(type, outputs)).toEqual(Object.fromEntries(expectedOutputs));
  });

  test('lets its ARN be taken apart', async () => {
    const part = (i: number) => ({ 'Fn::Select': [i, { 'Fn::Split': [':', att('X', 'Arn')] }] });
    expect(await outputsOf('AWS::ECR::Repository', { region: part(3), account: part(4) })).toEqual({
      region: A.region,
      account: A.account,
    });
  });

  test('gives a list where AWS gives one', async () => {
    const server = { 'Fn::Select': [3, att('X', 'NameServers')] };
    expect(await outputsOf('AWS::Route53::HostedZone', { server })).toEqual({ server: expect.any(String) });
  });

  test('keeps the name its template gives it, resolved', async () => {
    const TableName = { 'Fn::Sub': 'table-$' + '{AWS::Region}' };
    const outputs = { Ref: { Ref: 'X' }, Arn: att('X', 'Arn') };
    expect(await outputsOf('AWS::DynamoDB::Table', outputs, { TableName })).toEqual({
      Ref: 'table-eu-west-1',
      Arn: 'arn:aws:dynamodb:eu-west-1:111111111111:table/table-eu-west-1',
    });
  });

  test('may hold what cannot be resolved here', async () => {
    const Properties = { Secret: '{{resolve:ssm-secure:/p}}', Name: { 'Fn::Unheard': 1 } };
    expect(await outputsOf('Custom::X', { Ref: { Ref: 'X' } }, Properties)).toEqual({
      Ref: expect.stringMatching(/^S-X-/),
    });
  });

  test('is listed once with all others, by type and count', async () => {
    const Type = 'AWS::Cognito::UserPool';
    const { inertTypes, warnings } = await deploy({
      One: stack({ A: { Type }, B: { Type }, Alarm: { Type: 'AWS::CloudWatch::Alarm' } }),
      Two: stack({ C: { Type }, Table: { Type: 'AWS::DynamoDB::Table' }, Log: logGroup() }),
    });
    expect(inertTypes).toEqual(['AWS::CloudWatch::Alarm', 'AWS::Cognito::UserPool', 'AWS::DynamoDB::Table']);
    expect(warnings).toEqual([
      '4 resources do nothing here, and calls to them fail: AWS::Cognito::UserPool (3), AWS::DynamoDB::Table',
    ]);
    expect(state.logGroups.size).toBe(1);
  });

  test('stays what it was when its properties change', async () => {
    const queue = (Properties: Record<string, unknown>) => ({
      S: stack({ X: { Type: 'AWS::Cognito::UserPool', Properties } }, { Outputs: { Ref: { Value: { Ref: 'X' } } } }),
    });
    const before = (await deploy(queue({}))).stacks[0];
    const after = (await deploy(queue({ UserPoolTier: 'PLUS' }))).stacks[0];
    expect(after).toMatchObject({ outputs: before?.outputs, changes: { X: 'updated' } });
  });
});

test('the name of a type that nobody wrote down may stand for an ARN in a policy', async () => {
  const PolicyDocument = (Resource: unknown) => ({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'made:Use', Resource }],
  });
  const role = {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' }],
      },
    },
  };
  const policy = (Resource: unknown) => ({
    Type: 'AWS::IAM::Policy',
    Properties: { PolicyName: 'p', Roles: [{ Ref: 'Role' }], PolicyDocument: PolicyDocument(Resource) },
  });
  const app = (Resource: unknown) => ({
    S: stack({ X: { Type: 'AWS::Made::Thing' }, Role: role, Policy: policy(Resource) }),
  });
  await expect(deploy(app({ Ref: 'X' }))).resolves.toMatchObject({ stacks: [{ stackName: 'S' }] });
  await expect(deploy(app('thing'))).rejects.toThrow("must have resources that are ARNs or '*', got 'thing'");
});

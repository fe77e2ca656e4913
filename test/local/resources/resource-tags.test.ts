/** Tags of what other services hold, as policies of a role see them. */

import { DeployEngine } from '../../../src/local/engine/deploy-engine';
import { createAuthorize } from '../../../src/local/iam/authorize';
import { emptyState } from '../../../src/local/state';
import { A, role, stack } from '../engine/engine-fixture';
import { writeAssembly } from '../engine/write-assembly';

const state = emptyState();
const engine = new DeployEngine({
  state,
  defaultAccount: A.account,
  defaultRegion: A.region,
  endpoint: () => 'http://127.0.0.1:1',
  // Tables are played where something keeps them.
  dynamoDb: () => async (operation) => (operation === 'DescribeTable' ? { Table: { TableStatus: 'ACTIVE' } } : {}),
});
afterAll(() => engine.close());

const clock = { now: () => Date.UTC(2026, 10, 22, 12) };

const table = (team: string, more: object = {}) => ({
  Type: 'AWS::DynamoDB::Table',
  Properties: {
    TableName: 'chats',
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    Tags: [{ Key: 'team', Value: team }],
    ...more,
  },
});
const secret = (team: string) => ({
  Type: 'AWS::SecretsManager::Secret',
  Properties: { Name: 'key', SecretString: 'x', Tags: [{ Key: 'team', Value: team }] },
});
const parameter = (team: string) => ({
  Type: 'AWS::SSM::Parameter',
  Properties: { Name: '/motto', Type: 'String', Value: 'x', Tags: { team } },
});
const global = (team: string) => ({
  Type: 'AWS::DynamoDB::GlobalTable',
  Properties: {
    TableName: 'chats',
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    Replicas: [{ Region: 'eu-west-1', Tags: [{ Key: 'team', Value: team }] }],
  },
});

/** What the role may do with the resource, which it may not where `key` says that another team has it. */
function mayCaller(action: string, resource: string): boolean {
  const roleArn = 'arn:aws:iam::111111111111:role/Caller';
  const arn = 'arn:aws:sts::111111111111:assumed-role/Caller/s';
  return createAuthorize(
    state,
    clock,
  )({
    principal: { kind: 'assumed-role', arn, account: '111111111111', roleArn, issuedAt: clock.now() },
    action,
    resource,
  }).allowed;
}

const TABLE = 'arn:aws:dynamodb:eu-west-1:111111111111:table/chats';
const PARAMETER = 'arn:aws:ssm:eu-west-1:111111111111:parameter/motto';
const secretArn = () => [...state.secrets.keys()][0] ?? '';

test.each<[string, string, (team: string) => object, string, () => string]>([
  ['a table', 'aws:ResourceTag', table, 'dynamodb:GetItem', () => TABLE],
  ['an index of it', 'aws:ResourceTag', table, 'dynamodb:Query', () => `${TABLE}/index/by-day`],
  ['a global table', 'aws:ResourceTag', global, 'dynamodb:GetItem', () => TABLE],
  ['a secret', 'aws:ResourceTag', secret, 'secretsmanager:GetSecretValue', secretArn],
  ['a secret, by its own key', 'secretsmanager:ResourceTag', secret, 'secretsmanager:GetSecretValue', secretArn],
  ['a parameter', 'aws:ResourceTag', parameter, 'ssm:GetParameter', () => PARAMETER],
  ['a parameter, by its own key', 'ssm:resourceTag', parameter, 'ssm:GetParameter', () => PARAMETER],
])('a Deny by the tag of %s denies, as long as it has the tag (%s)', async (_name, key, tagged, action, arn) => {
  const Policies = [
    {
      PolicyName: 'p',
      PolicyDocument: {
        Statement: [
          { Effect: 'Allow', Action: '*', Resource: '*' },
          { Effect: 'Deny', Action: '*', Resource: '*', Condition: { StringEquals: { [`${key}/team`]: 'red' } } },
        ],
      },
    },
  ];
  const { Type, Properties } = role('Caller');
  const app = (team: string) => ({
    S: stack({ Role: { Type, Properties: { ...Properties, Policies } }, X: tagged(team) as never }),
  });
  await engine.deploy(writeAssembly(app('red')));
  expect(mayCaller(action, arn())).toBe(false);
  await engine.deploy(writeAssembly(app('blue')));
  expect(mayCaller(action, arn())).toBe(true);
  await engine.destroy();
  expect(state.resourceTags.size).toBe(0);
});

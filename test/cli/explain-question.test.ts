/** What the roles of functions may do, as `explain --resource` asks for it, and how roles are named. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { App, Stack } from 'aws-cdk-lib/core';
import { findRole } from '../../src/cli/deployed-role';
import { answerExplain } from '../../src/cli/explain-question';
import { type LocalTarget, startLocal } from '../../src/local';

const ACCOUNT = '111111111111';
const TABLE = `arn:aws:dynamodb:eu-west-1:${ACCOUNT}:table/history`;
const role = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`;
const outdir = mkdtempSync(join(tmpdir(), 'explain-'));
let local: LocalTarget;
beforeAll(async () => {
  const app = new App({ outdir });
  const stack = new Stack(app, 'Chat', { env: { account: ACCOUNT, region: 'eu-west-1' } });
  const [own, their, half] = ['own', 'their', 'half'].map((roleName) => {
    return new iam.Role(stack, roleName, { roleName, assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
  });
  const aliasOf = (id: string, role?: iam.IRole) => {
    const code = lambda.Code.fromInline('exports.handler = async () => 1;');
    const props = {
      functionName: id.toLowerCase(),
      code,
      runtime: lambda.Runtime.NODEJS_22_X,
      handler: 'index.handler',
    };
    const fn = new lambda.Function(stack, id, { ...props, ...(role && { role }) });
    return new lambda.Alias(stack, `${id}Live`, { aliasName: 'live', version: fn.currentVersion });
  };
  const answers = aliasOf('Answers', their);
  const url = answers.addFunctionUrl({ authType: lambda.FunctionUrlAuthType.AWS_IAM });
  if (half) half.addToPolicy(new iam.PolicyStatement({ actions: ['lambda:InvokeFunctionUrl'], resources: ['*'] }));
  answers.grantInvoke(aliasOf('Asks', own));
  const partitionKey = { name: 'id', type: dynamodb.AttributeType.STRING };
  const table = new dynamodb.Table(stack, 'History', { tableName: 'history', partitionKey });
  table.addGlobalSecondaryIndex({ indexName: 'byDay', partitionKey });
  if (own) table.grantReadData(own);
  const files = new s3.Bucket(stack, 'Files', { bucketName: 'files-of-chat' });
  if (own) files.grantRead(own, 'open/*');
  // `InvokeFunction` through the URL alone.
  url.grantInvokeUrl(new iam.Role(stack, 'Visitor', { roleName: 'guest', assumedBy: new iam.AccountRootPrincipal() }));
  local = await startLocal();
  await local.deploy(app.synth().directory);
});
afterAll(async () => {
  await local?.stop();
  rmSync(outdir, { recursive: true, force: true });
});

const ask = (action: string, resource: string, who = 'Chat/Asks') => {
  const [answer] = answerExplain(local, { function: who, action, resource });
  return [answer?.resource, ...(answer?.decisions ?? []).map(({ as, allowed }) => [as, allowed])];
};

test.each([
  ['a table by its path', 'dynamodb:GetItem', 'Chat/History', TABLE, true],
  ['a table by its ARN', 'dynamodb:PutItem', TABLE, TABLE, false],
  ['an index below its table', 'dynamodb:Query', 'Chat/History/index/byDay', `${TABLE}/index/byDay`, true],
  [
    'an object below its bucket',
    's3:GetObject',
    'Chat/Files/open/a.txt',
    'arn:aws:s3:::files-of-chat/open/a.txt',
    true,
  ],
  ['another object of it', 's3:GetObject', 'Chat/Files/a.txt', 'arn:aws:s3:::files-of-chat/a.txt', false],
  ['a bucket itself', 's3:ListBucket', 'Chat/Files', 'arn:aws:s3:::files-of-chat', true],
  ['what has no resource', 'bedrock:InvokeModel', '*', '*', false],
  [
    'the alias of another function',
    'lambda:InvokeFunction',
    'Chat/Answers',
    `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:answers:live`,
    true,
  ],
])('the role of a function is asked about %s', (_, action, resource, arn, allowed) => {
  expect(ask(action, resource)).toEqual([arn, [role('own'), allowed]]);
});

test('a call of a function URL takes two actions: by its construct path, its address, or the name of the first', () => {
  const { url = '' } = local.find('Chat/AnswersLive/FunctionUrl');
  for (const question of [
    { function: 'Chat/AnswersLive/FunctionUrl', action: 'lambda:InvokeFunction' },
    { function: url, action: 'lambda:InvokeFunction' },
    { function: 'Chat/Answers', action: 'lambda:invokefunctionurl' },
  ]) {
    const answers = answerExplain(local, question);
    expect(answers.map(({ action, resource, throughUrl }) => [action, resource, throughUrl])).toEqual([
      ['lambda:InvokeFunctionUrl', `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:answers:live`, true],
      ['lambda:InvokeFunction', `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:answers:live`, true],
    ]);
    const allowed = (name: string) =>
      answers.map(({ decisions }) => decisions.find(({ as }) => as === role(name))?.allowed);
    expect(allowed('guest')).toEqual([true, true]);
    expect(allowed('half')).toEqual([true, false]);
  }
  const [, second] = answerExplain(local, { function: url, action: 'lambda:InvokeFunction', as: 'half' });
  expect(second?.decisions[0]?.missing[0]?.statement).toMatchObject({ Action: 'lambda:InvokeFunction' });
});

test('a no says which policy lacks which statement', () => {
  const question = { function: 'asks', action: 'dynamodb:PutItem', resource: 'Chat/History' };
  const [decision] = answerExplain(local, question)[0]?.decisions ?? [];
  expect(decision?.missing).toEqual([
    {
      kind: 'identity-based',
      where: `an identity-based policy of ${role('own')}`,
      statement: { Effect: 'Allow', Action: 'dynamodb:PutItem', Resource: TABLE },
    },
  ]);
  expect(decision?.details).toContain('the request is dynamodb:PutItem');
});

test('a role can stand in the place of the function', () => {
  expect(ask('dynamodb:GetItem', 'Chat/History', 'Chat/Visitor')).toEqual([TABLE, [role('guest'), false]]);
});

test.each([
  [
    { action: 's3:GetObject' },
    /^--action 's3:GetObject' is not one of Lambda, so say on what .* --resource with an ARN/,
  ],
  [
    { action: 's3:GetObject', resource: 'Chat/Files' },
    /^s3:GetObject is done to an object, .* 'arn:aws:s3:::files-of-chat\/key'$/,
  ],
  [
    { action: 's3:Get*', resource: '*' },
    /^--action must be an action of IAM, such as dynamodb:GetItem, got 's3:Get\*'$/,
  ],
  [{ action: 'dynamodb:GetItem', resource: 'Chat/Histori' }, /did you mean 'Chat\/History'\?$/],
  [
    { action: 'dynamodb:GetItem', resource: TABLE, as: 'guest' },
    /^--resource asks what 'Chat\/Asks' may do, and --as who may call it/,
  ],
  [
    { action: 'dynamodb:GetItem', resource: TABLE, function: 'Chat/Aks' },
    /^no function 'Chat\/Aks' is deployed here; [\s\S]*Did you mean 'Chat\/Asks'\?$/,
  ],
  [{ action: 'dynamodb:GetItem', resource: TABLE, function: '' }, /^no function '' is deployed here; there are:\n/],
  [
    { action: 'lambda:InvokeFunction', as: '' },
    /^--as must be a role, by its ARN, name, construct path or logical id, got ''$/,
  ],
])('what cannot be asked is said in words: %j', (question, message) => {
  expect(() => answerExplain(local, { function: 'Chat/Asks', ...question })).toThrow(message);
});

test.each([
  ['its name', 'guest', 'guest'],
  ['its construct path', 'Chat/Visitor', 'guest'],
  ['the function that has it', 'Chat/Asks', 'own'],
])('a role is named by %s', (_, as, name) => {
  expect(findRole(local, as, TABLE)).toBe(role(name));
});

test('a role is named by its logical id, and a misspelling is told the nearest name', () => {
  const { logicalId } = local.find('Chat/Visitor');
  expect(findRole(local, logicalId, TABLE)).toBe(role('guest'));
  for (const [as, near] of [
    ['Chat/Visiter', 'Chat/Visitor'],
    ['gest', 'guest'],
  ] as const)
    expect(() => findRole(local, as, TABLE)).toThrow(
      `no deployed stack defines the role ${as}; known roles are:\n  ${role('own')} (Chat/own)\n  ${role('their')} (Chat/their)\n  ${role('half')} (Chat/half)\n  ${role('guest')} (Chat/Visitor)\nDid you mean '${near}'?`,
    );
  expect(() => findRole(local, 'Chat/History', TABLE)).toThrow(
    "'Chat/History' is of type AWS::DynamoDB::Table; name a role, or a function for its execution role",
  );
});

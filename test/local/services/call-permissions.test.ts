import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { startLocal } from 'cdk-lambda-streaming/local';
import { callPermissions, isNameable } from '../../../src/local/services/call-permissions';
import { functionResources, removeFolders, writeAssembly } from '../engine/write-assembly';
import { signedHeaders } from '../http/sign-request';

const ACCOUNT = '111111111111';
const scope = {
  account: ACCOUNT,
  partition: 'aws',
  region: 'eu-west-1',
  tablePrefix: `arn:aws:dynamodb:eu-west-1:${ACCOUNT}:table/`,
  keysOf: (arn: string) =>
    arn.endsWith('/chats') ? { partitionKey: 'chat', indexes: { author: 'author' } } : undefined,
};

/** What IAM is asked, in short. */
function asked(service: string, operation: string, input: object = {}) {
  const call = { service, operation, protocol: 'json', signingName: service } as const;
  return callPermissions(call, { ...input }, scope)?.map(({ action, resource }) => `${action} ${resource}`);
}

/** The condition keys that a call to the table has. */
function keys(operation: string, input: object) {
  const call = { service: 'dynamodb', operation, protocol: 'json', signingName: 'dynamodb' } as const;
  const of = callPermissions(call, { TableName: 'chats', ...input }, scope)?.map(({ context }) => context);
  return of?.map((context) => [context?.['dynamodb:LeadingKeys'], context?.['dynamodb:Attributes']]);
}

const here = `eu-west-1:${ACCOUNT}`;
const TABLE = `arn:aws:dynamodb:${here}:table/chats`;

test.each<[string, string, object, string[]]>([
  [
    'bedrock-runtime',
    'POST /model/amazon.nova-lite-v1%3A0/converse-stream',
    {},
    ['bedrock:InvokeModelWithResponseStream arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-lite-v1:0'],
  ],
  [
    'bedrock-runtime',
    'POST /model/eu.anthropic.claude-4/invoke',
    {},
    [`bedrock:InvokeModel arn:aws:bedrock:${here}:inference-profile/eu.anthropic.claude-4`],
  ],
  ['bedrock-runtime', 'POST /model/arn%3Aaws%3Abedrock%3Ax/converse', {}, ['bedrock:InvokeModel arn:aws:bedrock:x']],
  ['dynamodb', 'Query', { TableName: 'chats', IndexName: 'author' }, [`dynamodb:Query ${TABLE}/index/author`]],
  ['dynamodb', 'Scan', { TableName: `${TABLE}` }, [`dynamodb:Scan ${TABLE}`]],
  [
    'dynamodb',
    'TransactWriteItems',
    { TransactItems: [{ Put: { TableName: 'chats' } }, { ConditionCheck: { TableName: 'b' } }] },
    [`dynamodb:PutItem ${TABLE}`, `dynamodb:ConditionCheckItem ${TABLE.replace('chats', 'b')}`],
  ],
  [
    'dynamodb',
    'BatchGetItem',
    { RequestItems: { chats: {}, b: {} } },
    [`dynamodb:BatchGetItem ${TABLE}`, `dynamodb:BatchGetItem ${TABLE.replace('chats', 'b')}`],
  ],
  [
    'dynamodb',
    'ExecuteStatement',
    { Statement: 'delete from "chats" where x = 1' },
    [`dynamodb:PartiQLDelete ${TABLE}`],
  ],
  [
    'dynamodb',
    'BatchExecuteStatement',
    {
      Statements: [
        { Statement: `UPDATE chats SET x = 1` },
        { Statement: `SELECT * FROM "chats"."author"` },
        { Statement: `INSERT INTO "chats" VALUE {}` },
      ],
    },
    [
      `dynamodb:PartiQLUpdate ${TABLE}`,
      `dynamodb:PartiQLSelect ${TABLE}/index/author`,
      `dynamodb:PartiQLInsert ${TABLE}`,
    ],
  ],
  [
    'dynamodb',
    'ExecuteStatement',
    { Statement: `SELECT 'FROM "b"', "x FROM c" FROM chats` },
    [`dynamodb:PartiQLSelect ${TABLE}`],
  ],
  [
    'dynamodb',
    'ExecuteStatement',
    { Statement: `EXISTS(SELECT x FROM"chats" WHERE x = 1)` },
    [`dynamodb:PartiQLSelect ${TABLE}`],
  ],
  [
    'dynamodb',
    'BatchExecuteStatement',
    { RequestItems: {}, Statements: [{ Statement: 'UPDATE"chats" SET x = 1' }] },
    [`dynamodb:PartiQLUpdate ${TABLE}`],
  ],
  [
    'dynamodb',
    'ExecuteStatement',
    { Statement: `SELECT * FROM "${TABLE.replace(ACCOUNT, '222222222222')}"."author" WHERE x = 1` },
    [`dynamodb:PartiQLSelect ${TABLE.replace(ACCOUNT, '222222222222')}/index/author`],
  ],
  ['dynamodb', 'GetItem', { TableName: 'chats', IndexName: 'author', Key: {} }, [`dynamodb:GetItem ${TABLE}`]],
  [
    'dynamodb',
    'BatchGetItem',
    { RequestItems: { chats: { TableName: 'b', IndexName: 'author', Keys: [] } } },
    [`dynamodb:BatchGetItem ${TABLE}`],
  ],
  ['dynamodb', 'TransactWriteItems', { TransactItems: [] }, ['dynamodb:TransactWriteItems *']],
  [
    'dynamodb',
    'TagResource',
    { ResourceArn: TABLE, TableName: 'b' },
    [`dynamodb:TagResource ${TABLE}`, `dynamodb:TagResource ${TABLE.replace('chats', 'b')}`],
  ],
  ['dynamodb', 'ListTagsOfResource', { ResourceArn: TABLE }, [`dynamodb:ListTagsOfResource ${TABLE}`]],
  [
    'bedrock-runtime',
    'POST /guardrail/g/version/1/apply',
    {},
    [`bedrock:ApplyGuardrail arn:aws:bedrock:${here}:guardrail/g`],
  ],
  ['bedrock-runtime', 'POST /async-invoke', {}, ['bedrock:InvokeModel *']],
  [
    'eventbridge',
    'DeleteRule',
    { Name: 'r', EventBusName: 'bus' },
    [`events:DeleteRule arn:aws:events:${here}:rule/bus/r`],
  ],
  ['eventbridge', 'DeleteEventBus', { Name: 'bus' }, [`events:DeleteEventBus arn:aws:events:${here}:event-bus/bus`]],
  ['sfn', 'TagResource', { resourceArn: 'arn:m' }, ['states:TagResource arn:m']],
  ['sns', 'CreateTopic', { Name: 't' }, [`sns:CreateTopic arn:aws:sns:${here}:t`]],
  ['sns', 'Publish', { TopicArn: 'arn:t', TargetArn: 'arn:u' }, ['sns:Publish arn:t', 'sns:Publish arn:u']],
  [
    'sqs',
    'SendMessage',
    { QueueUrl: 'https://queue.amazonaws.com/222222222222/q' },
    ['sqs:SendMessage arn:aws:sqs:eu-west-1:222222222222:q'],
  ],
  [
    'sqs',
    'SendMessage',
    { QueueUrl: 'http://localhost:9324/000000000000/q/?x' },
    [`sqs:SendMessage arn:aws:sqs:${here}:q`],
  ],
  [
    'sqs',
    'GetQueueUrl',
    { QueueName: 'q', QueueOwnerAWSAccountId: '222222222222' },
    ['sqs:GetQueueUrl arn:aws:sqs:eu-west-1:222222222222:q'],
  ],
  ['dynamodb', 'ListTables', {}, ['dynamodb:ListTables *']],
  [
    'eventbridge',
    'PutEvents',
    { Entries: [{}, { EventBusName: 'bus' }, {}] },
    [
      `events:PutEvents arn:aws:events:${here}:event-bus/default`,
      `events:PutEvents arn:aws:events:${here}:event-bus/bus`,
    ],
  ],
  ['sfn', 'StartSyncExecution', { stateMachineArn: 'arn:m' }, ['states:StartSyncExecution arn:m']],
  ['sns', 'PublishBatch', { TopicArn: 'arn:t' }, ['sns:Publish arn:t']],
  ['sns', 'Publish', { PhoneNumber: '+1' }, ['sns:Publish *']],
  [
    'sqs',
    'SendMessageBatch',
    { QueueUrl: `https://sqs.eu-west-1.amazonaws.com/222222222222/q` },
    ['sqs:SendMessage arn:aws:sqs:eu-west-1:222222222222:q'],
  ],
  ['sqs', 'ListQueues', {}, ['sqs:ListQueues *']],
])('%s %s', (service, operation, input, expected) => {
  expect(asked(service, operation, input)).toEqual(expected);
});

test('a service whose calls have no names is left to whoever plays it', () => {
  expect([asked('polly', 'POST /v1/speech'), isNameable('polly'), isNameable('toString')]).toEqual([
    undefined,
    false,
    false,
  ]);
});

test.each<[string, string, object, unknown]>([
  ['a key', 'GetItem', { Key: { chat: { S: 'a' }, at: { N: '1' } } }, [[['a'], ['chat', 'at']]]],
  ['an item', 'PutItem', { Item: { chat: { S: 'a' }, text: { S: 'hi' } } }, [[['a'], ['chat', 'text']]]],
  [
    'a query, by names',
    'Query',
    {
      KeyConditionExpression: '#c = :c AND begins_with(at, :a)',
      ExpressionAttributeNames: { '#c': 'chat' },
      ExpressionAttributeValues: { ':c': { S: 'a' } },
      ProjectionExpression: 'body.lines[0]',
    },
    [[['a'], ['chat', 'at', 'body']]],
  ],
  [
    'a query of an index',
    'Query',
    { IndexName: 'author', KeyConditionExpression: 'author=:c', ExpressionAttributeValues: { ':c': { S: 'a' } } },
    [[['a'], ['author']]],
  ],
  ['a query of old', 'Query', { KeyConditions: { chat: { AttributeValueList: [{ S: 'a' }] } } }, [[['a'], ['chat']]]],
  [
    'a query of something else',
    'Query',
    { KeyConditionExpression: 'at = :c', ExpressionAttributeValues: { ':c': { S: 'a' } } },
    [[['\0'], ['at']]],
  ],
  [
    'a table that no stack has',
    'GetItem',
    { TableName: 'b', Key: { x: { S: 'a' }, y: { N: '1' } } },
    [
      [
        ['a', '1'],
        ['x', 'y'],
      ],
    ],
  ],
  [
    'an update',
    'UpdateItem',
    {
      Key: { chat: { S: 'a' } },
      UpdateExpression: 'SET #t = if_not_exists(#t, :zero), n = n + :one REMOVE old',
      ExpressionAttributeNames: { '#t': 'text' },
    },
    [[['a'], ['chat', 'text', 'n', 'old']]],
  ],
  [
    'a batch',
    'BatchWriteItem',
    {
      RequestItems: {
        chats: [{ PutRequest: { Item: { chat: { S: 'a' } } } }, { DeleteRequest: { Key: { chat: { S: 'b' } } } }],
      },
    },
    [[['a', 'b'], ['chat']]],
  ],
  [
    'a query with a key that it does not read',
    'Query',
    {
      Key: { chat: { S: 'mine' } },
      KeyConditionExpression: 'chat = :c',
      ExpressionAttributeValues: { ':c': { s: 'mine', S: 'yours' } },
    },
    [[['yours'], ['chat']]],
  ],
  [
    'a difference',
    'UpdateItem',
    { Key: { chat: { S: 'a' } }, UpdateExpression: 'SET y = zero-ssn' },
    [[['a'], ['chat', 'y', 'zero', 'ssn']]],
  ],
  [
    'a statement',
    'ExecuteStatement',
    { Statement: `SELECT ssn, "at" FROM "chats" WHERE chat = 'it''s' AND at = ?`, Parameters: [{ S: 'p' }] },
    [[["it's"], ['ssn', 'at', 'chat']]],
  ],
  [
    'numbers, which are what they are however they are written',
    'BatchGetItem',
    {
      RequestItems: {
        chats: {
          Keys: ['1', '1.0', '01', '10e-1', '-0', '0.050', '1.5E2', '.5', '+7', 'x'].map((N) => ({ chat: { N } })),
        },
      },
    },
    [[['1', '1', '1', '1', '0', '0.05', '150', '0.5', '7', 'x'], ['chat']]],
  ],
  [
    'a statement with numbers',
    'ExecuteStatement',
    { Statement: `UPDATE chats SET n = 8 WHERE chat = 1.0 AND at > 9` },
    [[['1'], ['n', 'chat', 'at']]],
  ],
  [
    'a statement with a list of numbers',
    'ExecuteStatement',
    { Statement: `SELECT at FROM chats WHERE "chat" IN [1, 2e1] AND 03 = chat` },
    [
      [
        ['1', '20', '3'],
        ['at', 'chat'],
      ],
    ],
  ],
  [
    'an inserted number',
    'ExecuteStatement',
    { Statement: `INSERT INTO chats VALUE {'chat': 1e0, 'at': 4}` },
    [[['1'], ['chat', 'at']]],
  ],
  ['a scan', 'Scan', { AttributesToGet: ['text'] }, [[undefined, ['text']]]],
])('the condition keys of %s', (_, operation, input, expected) => {
  expect(keys(operation, input)).toEqual(expected);
});

test('what is longer than AWS takes, or cannot be read, is refused and holds nobody up', () => {
  const long = { KeyConditionExpression: 'a'.repeat(200_000) };
  expect(() => asked('dynamodb', 'Query', { TableName: 'chats', ...long })).toThrow(/Expression size has exceeded/);
  for (const Statement of [
    '???',
    '-- x\nDELETE FROM a',
    'SELECT '.repeat(2_000),
    'SELECT /* FROM b */ * FROM a',
    'SELECT * -- FROM b\nFROM a',
    'SELECT * FROM a.b',
  ]) {
    expect(() => asked('dynamodb', 'ExecuteStatement', { Statement })).toThrow(/^ValidationException/);
  }
  const many = (count: number, each: object) => Array.from({ length: count }, () => each);
  const get = { RequestItems: { chats: { Keys: many(60, {}) }, b: { Keys: many(41, {}) } } };
  expect(() => asked('dynamodb', 'BatchGetItem', get)).toThrow(/Too many items requested for the BatchGetItem call/);
  const write = { RequestItems: { chats: many(26, { PutRequest: { Item: {} } }) } };
  expect(() => asked('dynamodb', 'BatchWriteItem', write)).toThrow(/Too many items requested for the BatchWriteItem/);
});

test.each([
  ['SELECT * FROM "chats"', 'true'],
  [`SELECT * FROM "chats" WHERE text = 'x'`, 'true'],
  [`SELECT * FROM "chats" WHERE chat = 'x' OR 1 = 1`, 'true'],
  [`SELECT * FROM "chats" WHERE "chat" IN ['x']`, 'false'],
  [`SELECT * FROM "chats"."author" WHERE author = 'x'`, 'false'],
])('%s: a full table scan is %s', (Statement, expected) => {
  const call = {
    service: 'dynamodb',
    operation: 'ExecuteStatement',
    protocol: 'json',
    signingName: 'dynamodb',
  } as const;
  const [permission] = callPermissions(call, { Statement }, scope) ?? [];
  expect(permission?.context?.['dynamodb:FullTableScan']).toBe(expected);
});

test('the parts of a transaction know of it, and the sources of events are told', () => {
  const context = (service: string, operation: string, input: object) =>
    callPermissions({ service, operation, protocol: 'json', signingName: service }, { ...input }, scope)?.[0]?.context;
  const item = { Put: { TableName: 'chats', Item: {} } };
  expect(context('dynamodb', 'TransactWriteItems', { TransactItems: [item] })).toMatchObject({
    'dynamodb:EnclosingOperation': 'TransactWriteItems',
  });
  expect(context('eventbridge', 'PutEvents', { Entries: [{ Source: 's', DetailType: 'd' }] })).toEqual({
    'events:source': ['s'],
    'events:detail-type': ['d'],
  });
});

describe('a model of the test', () => {
  const MODEL = 'arn:aws:bedrock:eu-west-1::foundation-model/m';
  afterEach(removeFolders);

  test('answers whom IAM lets, signed or with a key of its own', async () => {
    const local = await startLocal({
      services: { 'bedrock-runtime': async (request) => new Response(`got ${await request.text()}`) },
    });
    try {
      const Policies = [
        {
          PolicyName: 'p',
          PolicyDocument: {
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Action: 'bedrock:InvokeModel', Resource: MODEL }],
          },
        },
      ];
      const { Role, Fn } = functionResources({
        FunctionName: 'asker',
        Code: { ZipFile: 'exports.handler = async () => process.env;' },
      });
      await local.deploy(
        writeAssembly({
          S: {
            account: ACCOUNT,
            region: 'eu-west-1',
            template: { Resources: { Role: { ...Role, Properties: { ...Role.Properties, Policies } }, Fn } },
          },
        }),
      );
      const client = new LambdaClient(local.clientConfig({ as: `arn:aws:iam::${ACCOUNT}:root`, region: 'eu-west-1' }));
      const { Payload } = await client.send(new InvokeCommand({ FunctionName: 'asker' }));
      const env: Record<string, string> = JSON.parse(Buffer.from(Payload ?? []).toString());
      const keysOfFunction = {
        accessKeyId: env['AWS_ACCESS_KEY_ID'] ?? '',
        secretAccessKey: env['AWS_SECRET_ACCESS_KEY'] ?? '',
        sessionToken: env['AWS_SESSION_TOKEN'] ?? '',
      };
      const send = async (path: string, headers?: Record<string, string>) => {
        const url = `${env['AWS_ENDPOINT_URL_BEDROCK_RUNTIME']}${path}`;
        const given =
          headers ??
          (await signedHeaders(url, 'eu-west-1', keysOfFunction, {
            method: 'POST',
            body: 'question',
            headers: {},
            service: 'bedrock',
          }));
        const answer = await fetch(url, { method: 'POST', headers: given, body: 'question' });
        return `${answer.status} ${await answer.text()}`;
      };
      expect(await send('/model/m/converse')).toBe('200 got question');
      expect(await send('/model/m/converse-stream')).toMatch(
        /^400 .*AccessDeniedException.*asker is not authorized to perform: bedrock:InvokeModelWithResponseStream on resource: arn:aws:bedrock:eu-west-1::foundation-model\/m because/,
      );
      expect(await send('/model/n/invoke')).toMatch(/^400 .*AccessDeniedException/);
      expect(await send('/model/m/converse', {})).toMatch(/^40[03] .*(MissingAuthenticationToken|Authentication)/);
      expect(await send('/model/n/converse', { authorization: 'Bearer bedrock-api-key' })).toBe('200 got question');
    } finally {
      await local.stop();
    }
  });
});

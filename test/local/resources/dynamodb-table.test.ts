import { EventEmitter, once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import {
  BatchGetItemCommand,
  DynamoDBClient,
  ListTablesCommand,
  PutItemCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { CfnOutput, CfnResource, RemovalPolicy, type Stack } from 'aws-cdk-lib/core';
import { startLocal } from 'cdk-lambda-streaming/local';
import { startDynalite } from '../dynalite';
import { removeFolders, writeAssembly } from '../engine/write-assembly';
import { ENV, type FrontEndApp, frontEndApp, send } from '../front-ends/front-end-app';

/** Makes the calls it is sent, with the table and the SDK of a real handler. */
const HANDLER = `async (event) => {
  const { DynamoDB } = require('@aws-sdk/client-dynamodb');
  const client = new DynamoDB({});
  const answers = [];
  for (const [operation, input] of JSON.parse(event.body)) {
    try {
      answers.push(await client[operation]({ TableName: process.env.TABLE, ...input }));
    } catch (error) {
      answers.push(error.name + ': ' + error.message);
    }
  }
  return { statusCode: 200, body: JSON.stringify(answers) };
}`;

const item = (chat: string, at: string) => ({ Item: { chat: { S: chat }, at: { S: at }, text: { S: 'hi' } } });
const byAuthor = { indexName: 'author', partitionKey: { name: 'author', type: dynamodb.AttributeType.STRING } };

interface Wanted {
  readonly index?: boolean;
  readonly sortKey?: string;
  readonly broken?: boolean;
  readonly policy?: boolean;
}

const POLICY = new iam.PolicyDocument({
  statements: [
    new iam.PolicyStatement({
      principals: [new iam.AccountPrincipal('222222222222')],
      actions: ['dynamodb:*'],
      resources: ['*'],
    }),
    new iam.PolicyStatement({
      effect: iam.Effect.DENY,
      principals: [new iam.AnyPrincipal()],
      actions: ['dynamodb:Scan'],
      resources: ['*'],
      conditions: { ArnLike: { 'aws:PrincipalArn': `arn:aws:iam::${ENV.account}:role/*` } },
    }),
  ],
});

function define(
  stack: Stack,
  fn: (id: string, handler: string, props: object) => lambda.Function,
  wanted: Wanted = {},
) {
  const table = new dynamodb.Table(stack, 'Table', {
    tableName: 'chats',
    partitionKey: { name: 'chat', type: dynamodb.AttributeType.STRING },
    sortKey: { name: wanted.sortKey ?? 'at', type: dynamodb.AttributeType.STRING },
    removalPolicy: RemovalPolicy.DESTROY,
    stream: dynamodb.StreamViewType.NEW_IMAGE,
    timeToLiveAttribute: 'ttl',
    ...(wanted.policy && { resourcePolicy: POLICY }),
  });
  if (wanted.index) table.addGlobalSecondaryIndex(byAuthor);
  const global = new dynamodb.CfnGlobalTable(stack, 'Global', {
    attributeDefinitions: [{ attributeName: 'author', attributeType: 'S' }],
    billingMode: 'PAY_PER_REQUEST',
    keySchema: [{ attributeName: 'author', keyType: 'HASH' }],
    replicas: [{ region: ENV.region }],
  });
  const environment = { TABLE: table.tableName };
  const writer = fn('Writer', HANDLER, { environment });
  table.grantReadWriteData(writer);
  writer.addToRolePolicy(new iam.PolicyStatement({ actions: ['dynamodb:Scan'], resources: [global.attrArn] }));
  const reader = fn('Reader', HANDLER, { environment: { TABLE: table.tableName } });
  reader.addToRolePolicy(
    new iam.PolicyStatement({
      actions: ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query', 'dynamodb:PartiQLSelect'],
      resources: [table.tableArn],
      conditions: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['mine'] } },
    }),
  );
  for (const [name, of] of Object.entries({ Write: writer, Read: reader })) {
    new CfnOutput(stack, name, { value: of.addFunctionUrl({ authType: 'NONE' as lambda.FunctionUrlAuthType }).url });
  }
  new CfnOutput(stack, 'GlobalName', { value: global.ref });
  new CfnOutput(stack, 'TableArn', { value: table.tableArn });
  if (wanted.broken) new CfnResource(stack, 'Broken', { type: 'AWS::Lambda::Alias', properties: { Name: 'x' } });
}

let engine: Awaited<ReturnType<typeof startDynalite>>;
let app: FrontEndApp;
let client: DynamoDBClient;

beforeAll(async () => {
  engine = await startDynalite();
  app = await frontEndApp(({ stack, fn }) => define(stack, fn), { services: { dynamodb: engine.url } });
  client = new DynamoDBClient(app.local.clientConfig({ as: `arn:aws:iam::${ENV.account}:root`, region: ENV.region }));
});
afterAll(async () => {
  client.destroy();
  await app.stop();
  engine.stop();
});

async function call(output: string, ...calls: readonly (readonly [string, object])[]): Promise<unknown[]> {
  const headers = { 'content-type': 'application/json' };
  const { body } = await send(app.output(output), { method: 'POST', headers, body: JSON.stringify(calls) });
  return JSON.parse(body) as unknown[];
}

const tables = async () => (await client.send(new ListTablesCommand({}))).TableNames;

test('a table of the stack is there for its functions and for clients of the test, within their permissions', async () => {
  expect(app.warnings).toEqual([]);
  expect(app.output('TableArn')).toBe('arn:aws:dynamodb:eu-west-1:111111111111:table/chats');
  expect(await tables()).toEqual([app.output('GlobalName'), 'chats'].sort());

  const key = { chat: { S: 'mine' }, at: { S: '1' } };
  const query = { KeyConditionExpression: '#c = :c', ExpressionAttributeNames: { '#c': 'chat' } };
  const of = (chat: string) => ({ ...query, ExpressionAttributeValues: { ':c': { S: chat } } });
  const batch = (...items: { Item: object }[]) => ({
    TableName: undefined,
    RequestItems: { chats: items.map((PutRequest) => ({ PutRequest })) },
  });
  await client.send(new PutItemCommand({ TableName: 'chats', ...item('mine', '0') }));
  expect(
    await call(
      'Write',
      ['putItem', item('mine', '1')],
      ['batchWriteItem', batch(item('mine', '2'), item('yours', '1'))],
      ['query', of('mine')],
      ['transactWriteItems', { TransactItems: [{ Put: { TableName: 'chats', ...item('mine', '3') } }] }],
      ['createTable', { TableName: 'other', KeySchema: [], AttributeDefinitions: [] }],
      ['putItem', { TableName: app.output('GlobalName'), Item: { author: { S: 'me' } } }],
      ['scan', { TableName: app.output('GlobalName') }],
    ),
  ).toMatchObject([
    { $metadata: { httpStatusCode: 200 } },
    { UnprocessedItems: {} },
    { Count: 3 },
    expect.anything(),
    expect.stringMatching(
      /^AccessDeniedException: User: arn:aws:sts::111111111111:assumed-role\/\S+ is not authorized to perform: dynamodb:CreateTable on resource: arn:aws:dynamodb:eu-west-1:111111111111:table\/other because no identity-based policy allows/,
    ),
    expect.stringMatching(/^AccessDeniedException: .* dynamodb:PutItem on resource: \S+table\/Doors-Global/),
    { Count: 0 },
  ]);
  const denied = expect.stringMatching(/^AccessDeniedException: User: \S+ is not authorized to perform: dynamodb:/);
  expect(
    await call(
      'Read',
      ['getItem', { Key: key }],
      ['getItem', { Key: { ...key, chat: { S: 'yours' } } }],
      ['query', of('mine')],
      ['query', of('yours')],
      ['query', { ...of('yours'), KeyConditionExpression: ':c = #c' }],
      [
        'batchGetItem',
        { TableName: undefined, RequestItems: { chats: { Keys: [key, { ...key, chat: { S: 'yours' } }] } } },
      ],
      ['executeStatement', { TableName: undefined, Statement: `SELECT * FROM "chats" WHERE chat = 'yours'` }],
      ['putItem', item('mine', '4')],
    ),
  ).toMatchObject([
    { Item: key },
    denied,
    expect.objectContaining({ Items: expect.anything() }),
    ...Array(5).fill(denied),
  ]);
});

test('its resource policy lets in other accounts, and denies in its own', async () => {
  const arn = app.output('TableArn');
  const other = new DynamoDBClient(
    app.local.clientConfig({ as: 'arn:aws:iam::222222222222:root', region: ENV.region }),
  );
  const scanned = async () => await other.send(new ScanCommand({ TableName: arn }));
  await expect(scanned()).rejects.toThrow(/no resource-based policy allows the dynamodb:Scan action/);
  await app.deploy(({ stack, fn }) => define(stack, fn, { policy: true }));
  // Engines know tables by their name only.
  await client.send(new PutItemCommand({ TableName: arn, ...item('shared', '0') }));
  expect(await scanned()).toMatchObject({ Items: expect.arrayContaining([item('shared', '0').Item]) });
  const batch = { RequestItems: { [arn]: { Keys: [{ chat: { S: 'shared' }, at: { S: '0' } }] } } };
  expect((await other.send(new BatchGetItemCommand(batch))).Responses?.['chats']).toHaveLength(1);
  other.destroy();
  const own = await call('Write', ['scan', {}]);
  expect(own).toEqual([expect.stringMatching(/^AccessDeniedException: .*explicit deny in a resource-based policy/)]);
});

test('an index is made with its table, a failed deployment takes its tables along, and destroy deletes them', async () => {
  const authors = {
    IndexName: 'author',
    KeyConditionExpression: 'author = :a',
    ExpressionAttributeValues: { ':a': { S: 'me' } },
  };
  expect(await call('Write', ['query', authors])).toEqual([
    expect.stringMatching(/^AccessDeniedException: .*table\/chats\/index\/author because/),
  ]);
  // This engine takes a new index of a table and does not make it, which nobody must find out by a failing query.
  const { warnings } = await app.deploy(({ stack, fn }) => define(stack, fn, { index: true }));
  expect(warnings).toEqual([expect.stringContaining("the table 'chats' is there without its new index 'author'")]);

  await app.local.destroy();
  expect(await tables()).toEqual([]);
  await expect(app.deploy(({ stack, fn }) => define(stack, fn, { broken: true }))).rejects.toThrow('Broken');
  expect(await tables()).toEqual([]);
  await app.deploy(({ stack, fn }) => define(stack, fn, { index: true }));
  await call('Write', ['putItem', { Item: { ...item('x', '1').Item, author: { S: 'me' } } }]);
  expect(await call('Write', ['query', authors])).toMatchObject([{ Count: 1 }]);
});

test('a table of an earlier run keeps its items, unless its keys are others', async () => {
  await client.send(new PutItemCommand({ TableName: 'chats', ...item('kept', '1') }));
  const options = { services: { dynamodb: engine.url } };
  const count = async () => (await client.send(new ScanCommand({ TableName: 'chats' }))).Count;
  const before = await count();
  const next = await frontEndApp(({ stack, fn }) => define(stack, fn, { index: true }), options);
  await next.stop();
  expect(await count()).toBe(before);
  await expect(frontEndApp(({ stack, fn }) => define(stack, fn, { sortKey: 'time' }), options)).rejects.toThrow(
    /Doors\/Table.*: the table 'chats' is there from an earlier run, with other keys \(chat S HASH, at S RANGE, not chat S HASH, time S RANGE\): delete it/,
  );
});

test('a table of one stack is never that of another, nor is it deleted while it is protected', async () => {
  const twin = (id: string, more: object = {}) => ({
    [id]: {
      type: 'AWS::DynamoDB::Table',
      properties: {
        TableName: 'twins',
        KeySchema: [{ AttributeName: 'a', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'a', AttributeType: 'S' }],
        ...more,
      },
    },
  });
  const only = (resources: Readonly<Record<string, { type: string; properties: object }>>) =>
    app.deploy(({ stack }) => {
      for (const [id, { type, properties }] of Object.entries(resources))
        new CfnResource(stack, id, { type, properties });
    });
  await only(twin('One'));
  await client.send(new PutItemCommand({ TableName: 'twins', Item: { a: { S: 'kept' } } }));
  const count = async () => (await client.send(new ScanCommand({ TableName: 'twins' }))).Count;
  await expect(only({ ...twin('One'), ...twin('Two') })).rejects.toThrow(/Two .*: twins already exists/);
  await expect(only(twin('Two'))).rejects.toThrow(/Two .*: twins already exists/);
  const number = { AttributeDefinitions: [{ AttributeName: 'a', AttributeType: 'N' }] };
  await expect(only(twin('One', number))).rejects.toThrow(
    /One .*: the keys of a table cannot change \(a S HASH to a N HASH\)/,
  );
  expect(await count()).toBe(1);
  await only(twin('One', { DeletionProtectionEnabled: true }));
  await expect(app.local.destroy()).rejects.toThrow(/One .*: Resource cannot be deleted as it is currently protected/);
  expect(await count()).toBe(1);
  await expect(only(twin('One', { GlobalSecondaryIndexes: { a: 1 } }))).rejects.toThrow(
    /property 'GlobalSecondaryIndexes' must be a list/,
  );
  await only(twin('One'));
  await app.local.destroy();
  expect(await tables()).not.toContain('twins');
});

test('is not waited for when the target stops', async () => {
  const asked = new EventEmitter();
  const silent = createHttpServer(() => asked.emit('asked')).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const dynamodbUrl = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const begun = once(asked, 'asked');
  const local = await startLocal({ services: { dynamodb: dynamodbUrl } });
  const Properties = {
    KeySchema: [{ AttributeName: 'a', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'a', AttributeType: 'S' }],
  };
  const template = { Resources: { Table: { Type: 'AWS::DynamoDB::Table', Properties } } };
  const deployed = expect(local.deploy(writeAssembly({ S: { template } }))).rejects.toThrow(
    'the local target was stopped while CreateTable had no answer',
  );
  await begun;
  await local.stop();
  await deployed;
  silent.closeAllConnections();
  silent.close();
  removeFolders();
});

test('says who does not answer, and without an engine that tables do nothing', async () => {
  const deaf = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await once(deaf, 'listening');
  const { port } = deaf.address() as AddressInfo;
  const gone = { services: { dynamodb: `http://127.0.0.1:${port}` } };
  await expect(frontEndApp(({ stack, fn }) => define(stack, fn), gone)).rejects.toThrow(
    new RegExp(
      `resource Table.*: nobody answers CreateTable at 'http://127.0.0.1:${port}', which the option 'services' names`,
    ),
  );
  deaf.close();
  for (const [body, said] of [
    ['null', 'answered CreateTable with 200 and no JSON object: .null.'],
    ['<html>', 'answered CreateTable with 200 and no JSON object: .<html>.'],
  ] as const) {
    const odd = createHttpServer((_, response) => response.end(body)).listen(0, '127.0.0.1');
    await once(odd, 'listening');
    const services = { dynamodb: `http://127.0.0.1:${(odd.address() as AddressInfo).port}` };
    await expect(frontEndApp(({ stack, fn }) => define(stack, fn), { services })).rejects.toThrow(new RegExp(said));
    odd.close();
  }
  const none = await frontEndApp(({ stack, fn }) => define(stack, fn));
  expect(none.warnings).toEqual([
    '2 resources do nothing here, and calls to them fail: AWS::DynamoDB::GlobalTable, AWS::DynamoDB::Table',
  ]);
  await none.stop();
});

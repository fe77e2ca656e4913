import { engineRequest } from '../../../src/local/services/engine-request';

const ARN = 'arn:aws:dynamodb:eu-west-1:222222222222:table/chats';

test.each<[string, object, object]>([
  ['a table', { TableName: ARN, Limit: 1 }, { TableName: 'chats', Limit: 1 }],
  ['tables of a batch', { RequestItems: { [ARN]: { Keys: [] } } }, { RequestItems: { chats: { Keys: [] } } }],
  [
    'tables of a transaction, and not what its items say',
    { TransactItems: [{ Put: { TableName: ARN, Item: { TableName: { S: ARN } } } }] },
    { TransactItems: [{ Put: { TableName: 'chats', Item: { TableName: { S: ARN } } } }] },
  ],
  [
    'tables of statements, and not their texts',
    { Statements: [{ Statement: `SELECT * FROM "${ARN}"."author" WHERE a = '${ARN}'` }] },
    { Statements: [{ Statement: `SELECT * FROM "chats"."author" WHERE a = '${ARN}'` }] },
  ],
  ['what is no name of a table', { ResourceArn: ARN }, { ResourceArn: ARN }],
])('an engine is told the names of %s', (_, given, expected) => {
  const request = { method: 'POST', url: '/', headers: {}, body: Buffer.from(JSON.stringify(given)) };
  expect(JSON.parse(engineRequest(request).body.toString())).toEqual(expected);
});

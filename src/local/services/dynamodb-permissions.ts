/**
 * What DynamoDB asks IAM for a call: an action for each table, and the condition keys of fine-grained access.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
 */
import { isObject } from '../../base/is-object';
import { objectsIn } from '../objects-in';
import { ownMember } from '../own-member';
import { invalid, member, type TableScope, tableArn, textOf, UNKNOWN } from './dynamodb-input';
import { statementPermission } from './partiql-permissions';
import type { CallPermission, ServiceInput } from './service-operation';

const TRANSACTION_ACTIONS: Readonly<Record<string, string>> = {
  Get: 'GetItem',
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
};
/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
const EXPRESSION_MAX_BYTES = 4_096;

export function dynamoDbPermissions(operation: string, input: ServiceInput, scope: TableScope): CallPermission[] {
  const permissions = partsOf(operation, input, scope);
  // Of nothing at all: an engine refuses that, but whoever may nothing does not get that far.
  return permissions.length > 0 ? permissions : [{ action: `dynamodb:${operation}`, resource: '*' }];
}

function partsOf(operation: string, input: ServiceInput, scope: TableScope): CallPermission[] {
  switch (operation) {
    case 'TransactGetItems':
    case 'TransactWriteItems':
      return objectsIn(input['TransactItems']).flatMap((item) =>
        Object.entries(item).map(([kind, part]) => {
          const action = ownMember(TRANSACTION_ACTIONS, kind) ?? operation;
          const { context, ...rest } = itemPermission(action, isObject(part) ? part : {}, scope);
          return { ...rest, context: { ...context, 'dynamodb:EnclosingOperation': operation } };
        }),
      );
    case 'BatchGetItem':
    case 'BatchWriteItem':
      return Object.entries(batchesOf(operation, input)).map(([TableName, requests]) =>
        itemPermission(operation, { ...batchOf(requests), TableName }, scope),
      );
    case 'BatchExecuteStatement':
      return objectsIn(input['Statements']).map((each) => statementPermission(each, scope));
    case 'ExecuteTransaction':
      return objectsIn(input['TransactStatements']).map((each) => statementPermission(each, scope));
    case 'ExecuteStatement':
      return [statementPermission(input, scope)];
    case 'DeleteItem':
    case 'GetItem':
    case 'PutItem':
    case 'Query':
    case 'Scan':
    case 'UpdateItem':
      return [itemPermission(operation, input, scope)];
    default:
      return tablePermissions(operation, input, scope);
  }
}

const TABLE_MEMBERS = [
  'BackupArn',
  'GlobalTableName',
  'ResourceArn',
  'SourceTableArn',
  'SourceTableName',
  'TableArn',
  'TableName',
  'TargetTableName',
];

/** Of each table that an operation on tables names. */
function tablePermissions(operation: string, input: ServiceInput, { tablePrefix }: TableScope): CallPermission[] {
  return TABLE_MEMBERS.map((name) => input[name])
    .filter((named) => typeof named === 'string')
    .map((named) => ({ action: `dynamodb:${operation}`, resource: tableArn(named, tablePrefix) }));
}

/** An operation on items reads no members but its own: what an engine passes over must not decide. */
const READS: Readonly<Record<string, readonly string[]>> = {
  BatchGetItem: ['Keys'],
  BatchWriteItem: ['Keys'],
  PutItem: ['Item'],
  Query: ['IndexName', 'KeyConditionExpression', 'KeyConditions'],
  Scan: ['IndexName'],
};
const OF_ITEMS = ['IndexName', 'Item', 'Key', 'Keys', 'KeyConditionExpression', 'KeyConditions'];

function itemPermission(action: string, given: ServiceInput, { keysOf, tablePrefix }: TableScope): CallPermission {
  const reads = READS[action] ?? ['Key'];
  const input = Object.fromEntries(
    Object.entries(given).filter(([name]) => reads.includes(name) || !OF_ITEMS.includes(name)),
  );
  const { IndexName: index, TableName: named } = input;
  if (typeof named !== 'string') return { action: `dynamodb:${action}`, resource: '*' };
  const arn = tableArn(named, tablePrefix);
  const keys = keysOf(arn);
  const partitionKey = typeof index === 'string' ? keys?.indexes[index] : keys?.partitionKey;
  const text = (name: string) => (typeof input[name] === 'string' ? input[name] : undefined);
  return {
    action: `dynamodb:${action}`,
    resource: typeof index === 'string' ? `${arn}/index/${index}` : arn,
    context: {
      'dynamodb:Attributes': attributesOf(input),
      'dynamodb:LeadingKeys': leadingKeys(input, partitionKey),
      'dynamodb:ReturnConsumedCapacity': text('ReturnConsumedCapacity'),
      'dynamodb:ReturnValues': text('ReturnValues'),
      'dynamodb:Select': text('Select'),
    },
  };
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
const BATCH_MAX_ITEMS: Readonly<Record<string, number>> = { BatchGetItem: 100, BatchWriteItem: 25 };

/** The requests of a batch by table. @throws a ServiceException where they are more than DynamoDB takes */
function batchesOf(operation: string, { RequestItems }: ServiceInput): Readonly<Record<string, unknown>> {
  if (!isObject(RequestItems)) return {};
  const each = Object.values(RequestItems).map((requests) => (isObject(requests) ? requests['Keys'] : requests));
  const items = each.reduce<number>((sum, requests) => sum + (Array.isArray(requests) ? requests.length : 0), 0);
  if (items > (BATCH_MAX_ITEMS[operation] ?? items)) {
    throw invalid(`Too many items requested for the ${operation} call`);
  }
  return RequestItems;
}

/** The requests to one table of a batch as if they were one. */
function batchOf(requests: unknown): ServiceInput {
  if (isObject(requests)) return requests;
  const parts = objectsIn(requests).flatMap((each) => Object.values(each).filter(isObject));
  return { Keys: parts.flatMap((part) => objectsIn([part['Key'], part['Item']])) };
}

/** The items and keys that a request names. */
function itemsOf(input: ServiceInput): Readonly<Record<string, unknown>>[] {
  return [...objectsIn([input['Key'], input['Item']]), ...objectsIn(input['Keys'])];
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html */
function leadingKeys(input: ServiceInput, partitionKey: string | undefined): readonly string[] | undefined {
  const items = itemsOf(input);
  if (items.length > 0) {
    return items.flatMap((item) =>
      // All keys of a table that no stack has defined: one of them is the partition key.
      (partitionKey === undefined ? Object.values(item) : [item[partitionKey]]).map(textOf),
    );
  }
  const { KeyConditionExpression: expression, KeyConditions: conditions } = input;
  if (typeof expression === 'string') {
    const found = [...expression.matchAll(/(?<![#\w])([#\w]+)\s*=\s*(:\w+)/g)]
      .filter(([, name = '']) => resolved(name, input) === partitionKey)
      .map(([, , value = '']) => textOf(member(input['ExpressionAttributeValues'], value)));
    return found.length > 0 ? found : UNKNOWN;
  }
  if (isObject(conditions)) {
    const values = objectsIn(member(member(conditions, partitionKey ?? ''), 'AttributeValueList')).map(textOf);
    return values.length > 0 ? values : UNKNOWN;
  }
  // A scan: AWS has no leading keys for it either.
  return undefined;
}

const EXPRESSIONS = [
  'ConditionExpression',
  'FilterExpression',
  'KeyConditionExpression',
  'ProjectionExpression',
  'UpdateExpression',
];
const WORDS =
  /^(and|or|not|between|in|set|remove|add|delete|attribute_exists|attribute_not_exists|attribute_type|begins_with|contains|size|if_not_exists|list_append)$/i;

/** Names of top-level attributes that a request reads or writes. */
function attributesOf(input: ServiceInput): readonly string[] {
  const named = ['AttributeUpdates', 'Expected', 'KeyConditions', 'QueryFilter', 'ScanFilter'];
  const written = EXPRESSIONS.flatMap((name) => {
    const text = input[name];
    if (typeof text !== 'string') return [];
    if (text.length > EXPRESSION_MAX_BYTES) {
      throw invalid(
        `Invalid ${name}: Expression size has exceeded the maximum allowed size; expression size: ${text.length}`,
      );
    }
    return [...text.matchAll(/(?<![:\w#.])[#A-Za-z_]\w*/g)]
      .map(([found]) => found)
      .filter((found) => !WORDS.test(found));
  });
  return [
    ...new Set([
      ...[...itemsOf(input), ...objectsIn(named.map((name) => input[name]))].flatMap(Object.keys),
      ...(Array.isArray(input['AttributesToGet']) ? input['AttributesToGet'].map(String) : []),
      ...written.map((name) => resolved(name, input)),
    ]),
  ];
}

function resolved(name: string, input: ServiceInput): string {
  // Only such a name stands for another: what an engine passes over must not decide.
  const real = name.startsWith('#') ? member(input['ExpressionAttributeNames'], name) : undefined;
  return typeof real === 'string' ? real : name;
}

/**
 * What DynamoDB asks IAM for a call: an action for each table, and the condition keys of fine-grained access.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
 */
import { isObject } from '../../base/is-object';
import type { TableKeys } from '../state';
import type { CallPermission, ServiceInput } from './service-operation';

export interface TableScope {
  /** `arn:aws:dynamodb:eu-west-1:111111111111:table/`. */
  readonly tablePrefix: string;
  /** Of a table, by its ARN; undefined for one that no stack has defined. */
  readonly keysOf: (tableArn: string) => TableKeys | undefined;
}

const TRANSACTION_ACTIONS: Readonly<Record<string, string>> = {
  Get: 'GetItem',
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
};
/** They concern no table, or all of them. */
const OF_NO_TABLE = /^(List\w+|DescribeLimits|DescribeEndpoints)$/;
/** What nobody can tell: no policy has it among its values, so that whoever lists some is not let in by it. */
const UNKNOWN = ['\0'];

export function dynamoDbPermissions(operation: string, input: ServiceInput, scope: TableScope): CallPermission[] {
  if (operation.startsWith('Transact')) {
    return objects(input['TransactItems']).flatMap((item) =>
      Object.entries(item).map(([kind, part]) =>
        permission(TRANSACTION_ACTIONS[kind] ?? operation, isObject(part) ? part : {}, scope),
      ),
    );
  }
  if (operation.startsWith('Batch') && isObject(input['RequestItems'])) {
    return Object.entries(input['RequestItems']).map(([TableName, requests]) =>
      permission(operation, { TableName, ...batchOf(requests) }, scope),
    );
  }
  if (operation.startsWith('BatchExecute')) {
    return objects(input['Statements']).map((each) => statementPermission(each, scope));
  }
  if (operation === 'ExecuteTransaction') {
    return objects(input['TransactStatements']).map((each) => statementPermission(each, scope));
  }
  if (operation === 'ExecuteStatement') return [statementPermission(input, scope)];
  if (OF_NO_TABLE.test(operation)) return [{ action: `dynamodb:${operation}`, resource: '*' }];
  return [permission(operation, input, scope)];
}

function permission(action: string, input: ServiceInput, { keysOf, tablePrefix }: TableScope): CallPermission {
  const named = input['TableName'] ?? input['ResourceArn'] ?? input['TableArn'];
  if (typeof named !== 'string') return { action: `dynamodb:${action}`, resource: '*' };
  const tableArn = named.startsWith('arn:') ? named : `${tablePrefix}${named}`;
  const index = input['IndexName'];
  const keys = keysOf(tableArn);
  const partitionKey = typeof index === 'string' ? keys?.indexes[index] : keys?.partitionKey;
  const text = (name: string) => (typeof input[name] === 'string' ? input[name] : undefined);
  return {
    action: `dynamodb:${action}`,
    resource: typeof index === 'string' ? `${tableArn}/index/${index}` : tableArn,
    context: {
      'dynamodb:Attributes': attributesOf(input),
      'dynamodb:LeadingKeys': leadingKeys(input, partitionKey),
      'dynamodb:ReturnConsumedCapacity': text('ReturnConsumedCapacity'),
      'dynamodb:ReturnValues': text('ReturnValues'),
      'dynamodb:Select': text('Select'),
    },
  };
}

/** The requests to one table of a batch as if they were one. */
function batchOf(requests: unknown): ServiceInput {
  if (isObject(requests)) return { ...requests, Keys: requests['Keys'] };
  const parts = objects(requests).flatMap((each) => Object.values(each).filter(isObject));
  return { Keys: parts.flatMap((part) => objects([part['Key'] ?? part['Item']])) };
}

/** The verb and the table; a quoted name or text among what is selected is passed over whole. */
const STATEMENT =
  /^\s*(?:(INSERT)\s+INTO|(UPDATE)|(DELETE)\s+FROM|(SELECT)\b(?:[^'"]|"[^"]*"|'[^']*')*?\bFROM)\s+"?([\w.-]+)"?(?:\."([\w.-]+)")?/i;

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-iam.html */
function statementPermission({ Statement }: ServiceInput, { tablePrefix }: TableScope): CallPermission {
  const [, insert, update, remove, select = 'select', table, index] = STATEMENT.exec(String(Statement)) ?? [];
  const verb = insert ?? update ?? remove ?? select;
  const action = `dynamodb:PartiQL${verb.charAt(0).toUpperCase()}${verb.slice(1).toLowerCase()}`;
  const context = { 'dynamodb:Attributes': UNKNOWN, 'dynamodb:LeadingKeys': UNKNOWN };
  if (table === undefined) return { action, resource: '*', context };
  const place = index === undefined ? '' : `/index/${index}`;
  return { action, resource: `${tablePrefix}${table}${place}`, context };
}

/** The items and keys that a request names. */
function itemsOf(input: ServiceInput): Readonly<Record<string, unknown>>[] {
  return [...objects([input['Key'], input['Item']]), ...objects(input['Keys'])];
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
    const found = [...expression.matchAll(/([#\w.-]+)\s*=\s*(:\w+)/g)]
      .filter(([, name = '']) => resolved(name, input) === partitionKey)
      .map(([, , value = '']) => textOf(member(input['ExpressionAttributeValues'], value)));
    return found.length > 0 ? found : UNKNOWN;
  }
  if (isObject(conditions)) {
    const condition = member(conditions, partitionKey ?? '');
    return objects(member(condition, 'AttributeValueList')).map(textOf);
  }
  // A scan: AWS has no leading keys for it either.
  return undefined;
}

/** The text of `{ S: 'x' }`, `{ N: '1' }` or `{ B: 'eA==' }`. */
function textOf(value: unknown): string {
  const [scalar] = isObject(value) ? Object.values(value) : [];
  return typeof scalar === 'string' ? scalar : '\0';
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
  const expressions = EXPRESSIONS.map((name) => input[name]).filter((each) => typeof each === 'string');
  const written = expressions.flatMap((text) =>
    [...text.matchAll(/(?<![:\w#.])[#A-Za-z_][\w-]*/g)].map(([name]) => name).filter((name) => !WORDS.test(name)),
  );
  return [
    ...new Set([
      ...[...itemsOf(input), ...objects(named.map((name) => input[name]))].flatMap(Object.keys),
      ...(Array.isArray(input['AttributesToGet']) ? input['AttributesToGet'].map(String) : []),
      ...written.map((name) => resolved(name, input)),
    ]),
  ];
}

function resolved(name: string, input: ServiceInput): string {
  const real = member(input['ExpressionAttributeNames'], name);
  return typeof real === 'string' ? real : name;
}

function member(value: unknown, name: string): unknown {
  return isObject(value) ? value[name] : undefined;
}

function objects(value: unknown): Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

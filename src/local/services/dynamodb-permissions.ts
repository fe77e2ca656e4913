/**
 * What DynamoDB asks IAM for a call: an action for each table, and the condition keys of fine-grained access.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
 */
import { isObject } from '../../base/is-object';
import { ServiceException } from '../errors';
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
/** What nobody can tell: no policy has it among its values, so that whoever lists some is not let in by it. */
const UNKNOWN = ['\0'];
/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
const EXPRESSION_MAX_BYTES = 4_096;
/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ExecuteStatement.html */
const STATEMENT_MAX_LENGTH = 8_192;

export function dynamoDbPermissions(operation: string, input: ServiceInput, scope: TableScope): CallPermission[] {
  const permissions = partsOf(operation, input, scope);
  // Of nothing at all: an engine refuses that, but whoever may nothing does not get that far.
  return permissions.length > 0 ? permissions : [{ action: `dynamodb:${operation}`, resource: '*' }];
}

function partsOf(operation: string, input: ServiceInput, scope: TableScope): CallPermission[] {
  switch (operation) {
    case 'TransactGetItems':
    case 'TransactWriteItems':
      return objects(input['TransactItems']).flatMap((item) =>
        Object.entries(item).map(([kind, part]) => {
          const action = TRANSACTION_ACTIONS[kind] ?? operation;
          const { context, ...rest } = itemPermission(action, isObject(part) ? part : {}, scope);
          return { ...rest, context: { ...context, 'dynamodb:EnclosingOperation': operation } };
        }),
      );
    case 'BatchGetItem':
    case 'BatchWriteItem':
      return Object.entries(isObject(input['RequestItems']) ? input['RequestItems'] : {}).map(([TableName, requests]) =>
        itemPermission(operation, { ...batchOf(requests), TableName }, scope),
      );
    case 'BatchExecuteStatement':
      return objects(input['Statements']).map((each) => statementPermission(each, scope));
    case 'ExecuteTransaction':
      return objects(input['TransactStatements']).map((each) => statementPermission(each, scope));
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

function tableArn(named: string, tablePrefix: string): string {
  return named.startsWith('arn:') ? named : `${tablePrefix}${named}`;
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

/** The requests to one table of a batch as if they were one. */
function batchOf(requests: unknown): ServiceInput {
  if (isObject(requests)) return requests;
  const parts = objects(requests).flatMap((each) => Object.values(each).filter(isObject));
  return { Keys: parts.flatMap((part) => objects([part['Key'], part['Item']])) };
}

/** The verb, the table and its index; a quoted name or text among what is selected is passed over whole. */
const STATEMENT =
  /^\s*(?:(INSERT)\s+INTO|(UPDATE)|(DELETE)\s+FROM|(?:EXISTS\s*\(\s*)?(SELECT)\b(?:[^'"]|"[^"]*"|'[^']*')*?\bFROM)(?:\s+|\s*(?="))"?([\w.-]+)"?(?:\."([\w.-]+)")?/i;

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-iam.html */
function statementPermission({ Parameters, Statement }: ServiceInput, scope: TableScope): CallPermission {
  const statement = String(Statement);
  if (statement.length > STATEMENT_MAX_LENGTH) {
    throw invalid(`a statement has at most ${STATEMENT_MAX_LENGTH} characters, this one has ${statement.length}`);
  }
  const [, insert, update, remove, select, table, index] = STATEMENT.exec(statement) ?? [];
  const verb = insert ?? update ?? remove ?? select;
  if (verb === undefined || table === undefined) {
    throw invalid(`the local target does not find the table of the statement '${statement.slice(0, 200)}'`);
  }
  const arn = `${scope.tablePrefix}${table}`;
  const keys = scope.keysOf(arn);
  const partitionKey = index === undefined ? keys?.partitionKey : keys?.indexes[index];
  const values = [
    ...[...statement.matchAll(/'((?:[^']|'')*)'/g)].map(([, literal = '']) => literal.replaceAll("''", "'")),
    ...(Array.isArray(Parameters) ? Parameters : []).map(textOf),
  ];
  return {
    action: `dynamodb:PartiQL${verb.charAt(0).toUpperCase()}${verb.slice(1).toLowerCase()}`,
    resource: index === undefined ? arn : `${arn}/index/${index}`,
    context: {
      'dynamodb:Attributes': namesIn(statement).filter((name) => name !== table && name !== index),
      // All values that it compares with: which of them is the key's is not told.
      'dynamodb:LeadingKeys': values.length > 0 ? values : UNKNOWN,
      ...(select !== undefined && { 'dynamodb:FullTableScan': String(!comparesKey(statement, partitionKey)) }),
    },
  };
}

/** Whether a condition has the partition key, so that not all of the table is read. */
function comparesKey(statement: string, partitionKey: string | undefined): boolean {
  const [, ...conditions] = statement.split(/\bWHERE\b/i);
  const names = [...conditions.join(' ').matchAll(/"?([\w.-]+)"?\s*(?:=|\bIN\b)/gi)].map(([, name]) => name);
  return partitionKey !== undefined && names.includes(partitionKey) && !/\bOR\b/i.test(conditions.join(' '));
}

const PARTIQL_WORDS =
  /^(select|insert|update|delete|from|into|value|set|remove|where|and|or|not|in|is|between|exists|missing|null|order|by|asc|desc|returning|all|modified|old|new|begins_with|contains|attribute_type|size|true|false)$/i;

function namesIn(statement: string): string[] {
  const withoutTexts = statement.replace(/'(?:[^']|'')*'/g, ' ');
  const names = [...withoutTexts.matchAll(/"([^"]*)"|(?<![\w.])([A-Za-z_]\w*|\*)/g)];
  return [...new Set(names.map(([, quoted, bare = '']) => quoted ?? bare).filter((name) => !PARTIQL_WORDS.test(name)))];
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
    const found = [...expression.matchAll(/(?<![#\w])([#\w]+)\s*=\s*(:\w+)/g)]
      .filter(([, name = '']) => resolved(name, input) === partitionKey)
      .map(([, , value = '']) => textOf(member(input['ExpressionAttributeValues'], value)));
    return found.length > 0 ? found : UNKNOWN;
  }
  if (isObject(conditions)) {
    const values = objects(member(member(conditions, partitionKey ?? ''), 'AttributeValueList')).map(textOf);
    return values.length > 0 ? values : UNKNOWN;
  }
  // A scan: AWS has no leading keys for it either.
  return undefined;
}

/** The text of `{ S: 'x' }`, `{ N: '1' }` or `{ B: 'eA==' }`. */
function textOf(value: unknown): string {
  const scalar = member(value, 'S') ?? member(value, 'N') ?? member(value, 'B');
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
      ...[...itemsOf(input), ...objects(named.map((name) => input[name]))].flatMap(Object.keys),
      ...(Array.isArray(input['AttributesToGet']) ? input['AttributesToGet'].map(String) : []),
      ...written.map((name) => resolved(name, input)),
    ]),
  ];
}

function invalid(message: string): ServiceException {
  return new ServiceException({ type: 'ValidationException', statusCode: 400, message });
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

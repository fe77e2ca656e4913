/**
 * What DynamoDB asks IAM for a statement in PartiQL.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-iam.html
 */
import { invalid, plainNumber, type TableScope, tableArn, textOf, UNKNOWN } from './dynamodb-input';
import type { CallPermission, ServiceInput } from './service-operation';

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ExecuteStatement.html */
const STATEMENT_MAX_LENGTH = 8_192;

/** The verb, the table and its index; a quoted name or text among what is selected is passed over whole. */
const STATEMENT =
  /^\s*(?:(INSERT)\s+INTO|(UPDATE)|(DELETE)\s+FROM|(?:EXISTS\s*\(\s*)?(SELECT)\b(?:[^'"]|"[^"]*"|'[^']*')*?\bFROM)(?:\s+([\w-]+)|\s*"([^"]+)")(?:\."([^"]+)"|(?![\w."-]))/i;
const QUOTED = /"[^"]*"|'(?:[^']|'')*'/g;

/** @throws a ServiceException for a statement whose table is not found */
export function statementPermission({ Parameters, Statement }: ServiceInput, scope: TableScope): CallPermission {
  const statement = String(Statement);
  if (statement.length > STATEMENT_MAX_LENGTH) {
    throw invalid(`a statement has at most ${STATEMENT_MAX_LENGTH} characters, this one has ${statement.length}`);
  }
  if (/--|\/\*/.test(statement.replace(QUOTED, ''))) {
    throw invalid(`the local target takes no comments in a statement, got '${statement.slice(0, 200)}'`);
  }
  const [, insert, update, remove, select, bare, quoted, index] = STATEMENT.exec(statement) ?? [];
  const verb = insert ?? update ?? remove ?? select;
  const table = bare ?? quoted;
  if (verb === undefined || table === undefined) {
    throw invalid(`the local target does not find the table of the statement '${statement.slice(0, 200)}'`);
  }
  const arn = tableArn(table, scope.tablePrefix);
  const keys = scope.keysOf(arn);
  const partitionKey = index === undefined ? keys?.partitionKey : keys?.indexes[index];
  const values = [
    ...[...statement.matchAll(/'((?:[^']|'')*)'/g)].map(([, literal = '']) => literal.replaceAll("''", "'")),
    ...numbersFor(partitionKey, statement),
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

/** What follows the name of a member: in a comparison, in a list, and as the value that is inserted. */
const NUMBERS_OF = /(?:"([^"]+)"|'([^']+)'|(?<![\w"'])([a-z_]\w*))\s*(?:=|:|\bIN\b)([\s\d.,+\-e()[\]]*)/gi;
const NUMBER_BEFORE = /([\d.+-][\d.+\-e]*)\s*=\s*(?:"([^"]+)"|([a-z_]\w*))/gi;
const NUMBER = /[+-]?[\d.]+(?:e[+-]?\d+)?/gi;

/** Numbers that a statement gives for the partition key; all it gives where the key is not known. */
function numbersFor(partitionKey: string | undefined, statement: string): string[] {
  const isKey = (...names: readonly (string | undefined)[]) =>
    partitionKey === undefined || names.includes(partitionKey);
  const after = [...statement.matchAll(NUMBERS_OF)].map(([, a, b, c, values = '']) => (isKey(a, b, c) ? values : ''));
  const before = [...statement.matchAll(NUMBER_BEFORE)].map(([, value = '', a, b]) => (isKey(a, b) ? value : ''));
  return [...[...after, ...before].join(' ').matchAll(NUMBER)].map(([number]) => plainNumber(number));
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

/**
 * What DynamoDB asks IAM for a statement in PartiQL. What is not plainly a comparison of the partition key reads the whole table.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-iam.html
 */
import { invalid, plainNumber, type TableScope, tableArn, textOf, UNKNOWN } from './dynamodb-input';
import { isSign, isWord, type Token, tokensOf } from './partiql-tokens';
import type { CallPermission, ServiceInput } from './service-operation';

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ExecuteStatement.html */
const STATEMENT_MAX_LENGTH = 8_192;

/** What may follow the table in a statement of each verb. */
const AFTER_TABLE = {
  Select: ['where', 'order'],
  Insert: ['value'],
  Update: ['set', 'remove'],
  Delete: ['where', 'returning'],
} as const;

interface Statement {
  readonly verb: keyof typeof AFTER_TABLE;
  readonly table: string;
  readonly index: string | undefined;
  /** What is selected. */
  readonly before: readonly Token[];
  /** What follows the table. */
  readonly after: readonly Token[];
}

/** @throws a ServiceException for a statement whose table is not found */
export function statementPermission({ Parameters, Statement }: ServiceInput, scope: TableScope): CallPermission {
  const text = String(Statement);
  if (text.length > STATEMENT_MAX_LENGTH) {
    throw invalid(`a statement has at most ${STATEMENT_MAX_LENGTH} characters, this one has ${text.length}`);
  }
  const statement = readStatement(tokensOf(text));
  if (statement === undefined) {
    throw invalid(
      `the local target does not find the table of the statement '${text.slice(0, 200)}'; it takes one statement of one table, as in SELECT * FROM "table"."index" WHERE …`,
    );
  }
  const { after, before, index, table, verb } = statement;
  const arn = tableArn(table, scope.tablePrefix);
  const keys = scope.keysOf(arn);
  const partitionKey = index === undefined ? keys?.partitionKey : keys?.indexes[index];
  const parameters = (Array.isArray(Parameters) ? Parameters : []).map(textOf);
  const find = verb === 'Insert' ? insertedKey : comparedKeys;
  // Parameters are counted from the beginning of the statement.
  const values = partitionKey === undefined ? [] : find(after, partitionKey, parameters.slice(marksIn(before)));
  return {
    action: `dynamodb:PartiQL${verb}`,
    resource: index === undefined ? arn : `${arn}/index/${index}`,
    context: {
      'dynamodb:Attributes': [
        ...new Set([...namesIn(before, table), ...namesIn(after, table), ...membersIn(statement)]),
      ],
      'dynamodb:LeadingKeys': values.length > 0 ? values : UNKNOWN,
      ...(verb === 'Select' && { 'dynamodb:FullTableScan': String(values.length === 0) }),
    },
  };
}

/** Undefined for what is not of the form that DynamoDB takes. */
function readStatement(all: readonly Token[]): Statement | undefined {
  const isExists = isWord(all[0], 'exists') && isSign(all[1], '(') && isSign(all.at(-1), ')');
  const tokens = isExists ? all.slice(2, -1) : all;
  const [first] = tokens;
  const verb = (['Select', 'Insert', 'Update', 'Delete'] as const).find((each) => isWord(first, each.toLowerCase()));
  if (verb === undefined || (isExists && verb !== 'Select')) return undefined;
  const at = verb === 'Update' ? 0 : tokens.findIndex((token) => isWord(token, verb === 'Insert' ? 'into' : 'from'));
  const before = tokens.slice(1, Math.max(at, 1));
  const named = tokens[at + 1];
  if (at < 0 || (verb !== 'Select' && before.length > 0)) return undefined;
  if (named?.kind !== 'name' && named?.kind !== 'word') return undefined;
  const hasIndex = isSign(tokens[at + 2], '.');
  const index = hasIndex ? tokens[at + 3] : undefined;
  if (hasIndex && index?.kind !== 'name') return undefined;
  const after = tokens.slice(at + (hasIndex ? 4 : 2));
  if (after.length > 0 && !isWord(after[0], ...AFTER_TABLE[verb])) return undefined;
  // Names that are such words must be quoted.
  if (
    [...before, ...after].some((token) => isWord(token, 'select', 'insert', 'update', 'delete', 'from', 'join', 'into'))
  )
    return undefined;
  return { verb, table: named.value, index: index?.value, before, after };
}

/** The values that the conditions give for the partition key; none where they may let another one through. */
function comparedKeys(after: readonly Token[], partitionKey: string, parameters: readonly string[]): readonly string[] {
  const where = after.findIndex((token) => isWord(token, 'where'));
  if (where < 0 || after.filter((token) => isWord(token, 'where')).length > 1) return [];
  const values: string[] = [];
  let marks = marksIn(after.slice(0, where));
  for (const condition of conjuncts(after.slice(where + 1)) ?? []) {
    values.push(...(keyValues(condition, partitionKey, parameters.slice(marks)) ?? []));
    marks += marksIn(condition);
  }
  return values;
}

/** What stands between the ANDs outside of brackets; undefined where there is an OR. */
function conjuncts(tokens: readonly Token[]): readonly (readonly Token[])[] | undefined {
  const found: Token[][] = [[]];
  let depth = 0;
  let isRange = false;
  for (const [at, token] of tokens.entries()) {
    if (isSign(token, '(', '[', '{')) depth += 1;
    if (isSign(token, ')', ']', '}')) depth -= 1;
    const isOutside = depth === 0;
    if (isOutside && isWord(token, 'or')) return undefined;
    if (isOutside && isWord(token, 'returning', 'order') && tokens.slice(at).some((each) => isWord(each, 'or'))) {
      return undefined; // no end of the conditions, whatever an engine takes it for
    }
    if (isOutside && (isWord(token, 'returning') || (isWord(token, 'order') && isWord(tokens[at + 1], 'by')))) break;
    if (isOutside && isWord(token, 'and') && !isRange) found.push([]);
    else found.at(-1)?.push(token);
    // The next AND belongs to it.
    if (isOutside && isWord(token, 'and')) isRange = false;
    if (isOutside && isWord(token, 'between')) isRange = true;
  }
  return found;
}

/** Of `key = value`, `value = key` and `key IN [value, …]`. */
function keyValues(
  condition: readonly Token[],
  partitionKey: string,
  parameters: readonly string[],
): readonly string[] | undefined {
  const isKey = (token: Token | undefined) =>
    (token?.kind === 'name' || token?.kind === 'word') && token.value === partitionKey;
  const one = (tokens: readonly Token[]) => {
    const value = literal(tokens, parameters);
    return value === undefined ? undefined : [value];
  };
  if (isKey(condition[0]) && isSign(condition[1], '=')) return one(condition.slice(2));
  if (isKey(condition.at(-1)) && isSign(condition.at(-2), '=')) return one(condition.slice(0, -2));
  const isList =
    isKey(condition[0]) &&
    isWord(condition[1], 'in') &&
    ((isSign(condition[2], '[') && isSign(condition.at(-1), ']')) ||
      (isSign(condition[2], '(') && isSign(condition.at(-1), ')')));
  return isList ? listed(condition.slice(3, -1), parameters) : undefined;
}

function listed(tokens: readonly Token[], parameters: readonly string[]): readonly string[] | undefined {
  const values: string[] = [];
  let marks = 0;
  let item: Token[] = [];
  for (const token of [...tokens, { kind: 'sign', value: ',' } as const]) {
    if (!isSign(token, ',')) {
      item.push(token);
      continue;
    }
    const value = literal(item, parameters.slice(marks));
    if (value === undefined) return undefined;
    values.push(value);
    marks += marksIn(item);
    item = [];
  }
  return values;
}

/** A text, a number with or without its sign, or the next parameter. */
function literal(tokens: readonly Token[], [parameter = '\0']: readonly string[]): string | undefined {
  const [first, second, ...more] = tokens;
  if (first === undefined || more.length > 0) return undefined;
  if (second !== undefined) {
    return isSign(first, '-', '+') && second.kind === 'number'
      ? plainNumber(`${first.value}${second.value}`)
      : undefined;
  }
  if (first.kind === 'text') return first.value;
  if (first.kind === 'number') return plainNumber(first.value);
  return isSign(first, '?') ? parameter : undefined;
}

/** The value of the key in `VALUE {'key': value, …}`. */
function insertedKey(after: readonly Token[], partitionKey: string, parameters: readonly string[]): readonly string[] {
  const values: string[] = [];
  for (const at of membersAt(after)) {
    if (after[at]?.value !== partitionKey) continue;
    const rest = after.slice(at + 2);
    const end = rest.findIndex((token) => isSign(token, ',', '}'));
    values.push(literal(rest.slice(0, end), parameters.slice(marksIn(after.slice(0, at)))) ?? '\0');
  }
  return values;
}

/** Where the names of an inserted item stand. */
function membersAt(tokens: readonly Token[]): readonly number[] {
  let depth = 0;
  return [...tokens.entries()].flatMap(([at, token]) => {
    if (isSign(token, '(', '[', '{')) depth += 1;
    if (isSign(token, ')', ']', '}')) depth -= 1;
    return depth === 1 && isSign(tokens[at + 1], ':') ? [at] : [];
  });
}

function membersIn({ after, verb }: Statement): readonly string[] {
  return verb === 'Insert' ? membersAt(after).map((at) => after[at]?.value ?? '') : [];
}

const marksIn = (tokens: readonly Token[]): number => tokens.filter((token) => isSign(token, '?')).length;

const FUNCTIONS = ['begins_with', 'contains', 'attribute_type', 'size', 'exists'];
const WORDS = ['where', 'and', 'or', 'not', 'in', 'is', 'between', 'null', 'true', 'false', 'missing'];
/** Words in one place only: elsewhere they are names. */
const PHRASE = /^(?:set|remove|value|returning)$/i;

/** The attributes: of a path the first part, as policies name no other. */
function namesIn(tokens: readonly Token[], table: string): readonly string[] {
  // RETURNING ALL OLD *
  const isReturning = isWord(tokens.at(-4), 'returning') && isSign(tokens.at(-1), '*');
  const end = isReturning ? tokens.length - 4 : tokens.length;
  const names = tokens.slice(0, end).flatMap((token, at) => {
    const [before, next] = [tokens[at - 1], tokens[at + 1]];
    if (isSign(token, '*')) return ['*'];
    if (token.kind !== 'name' && token.kind !== 'word') return [];
    if (isSign(before, '.') && tokens[at - 2]?.value !== table) return [];
    if (token.kind === 'name') return [token.value];
    if (isWord(token, ...WORDS) || (isWord(token, ...FUNCTIONS) && isSign(next, '('))) return [];
    if (at === 0 && PHRASE.test(token.value) && next !== undefined && !isSign(next, ',', '.', '[')) return [];
    if ((isWord(token, 'order') && isWord(next, 'by')) || (isWord(token, 'by') && isWord(before, 'order'))) return [];
    if (isWord(token, 'asc', 'desc') && (before?.kind === 'name' || before?.kind === 'word')) return [];
    if (isWord(token, 'set', 'remove') && isWord(tokens[0], 'set', 'remove') && !isSign(before, '=')) return [];
    return [token.value];
  });
  return isReturning ? [...names, '*'] : names;
}

/**
 * A call to DynamoDB as engines understand it: they know tables by name, AWS by the ARN, too, which is how another
 * account names one. Whose table it is says the account of the call.
 */
import { isObject } from '../../base/is-object';
import type { ServiceRequest } from './service-call';

const TABLE_ARN = /^arn:[\w-]+:dynamodb:[\w-]+:\d+:table\/([\w.-]+)$/;
const QUOTED_ARN = /"arn:[\w-]+:dynamodb:[\w-]+:\d+:table\/([\w.-]+)"/g;

/** The request itself where it names no table by its ARN. */
export function engineRequest(request: ServiceRequest): ServiceRequest {
  const text = request.body.toString('utf8');
  if (!text.includes(':table/')) return request;
  const body = Buffer.from(JSON.stringify(byName(JSON.parse(text))));
  return { ...request, body };
}

function byName(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(byName);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, memberByName(name, each)]));
}

/** Values of attributes stay as they are, whatever they say. */
function memberByName(name: string, value: unknown): unknown {
  if (name === 'TableName' && typeof value === 'string') return nameOf(value);
  if (name === 'Statement' && typeof value === 'string') return value.replace(QUOTED_ARN, '"$1"');
  if (name === 'RequestItems' && isObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([table, each]) => [nameOf(table), each]));
  }
  const isNested = ['TransactItems', 'TransactStatements', 'Statements', ...ACTIONS].includes(name);
  return isNested ? byName(value) : value;
}

/** Members of `TransactItems`. */
const ACTIONS = ['ConditionCheck', 'Delete', 'Get', 'Put', 'Update'];

function nameOf(table: string): string {
  return TABLE_ARN.exec(table)?.[1] ?? table;
}

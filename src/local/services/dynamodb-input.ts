/** What requests to DynamoDB have in common: names of tables, values of attributes, and refusals. */
import { isObject } from '../../base/is-object';
import { ServiceException } from '../errors';
import type { TableKeys } from '../state';

export interface TableScope {
  /** `arn:aws:dynamodb:eu-west-1:111111111111:table/`. */
  readonly tablePrefix: string;
  /** Of a table, by its ARN; undefined for one that no stack has defined. */
  readonly keysOf: (tableArn: string) => TableKeys | undefined;
}

/** What nobody can tell: no policy has it among its values, so that whoever lists some is not let in by it. */
export const UNKNOWN = ['\0'];

export function tableArn(named: string, tablePrefix: string): string {
  return named.startsWith('arn:') ? named : `${tablePrefix}${named}`;
}

/** The text of `{ S: 'x' }`, `{ N: '1' }` or `{ B: 'eA==' }`. */
export function textOf(value: unknown): string {
  const number = member(value, 'N');
  const scalar = member(value, 'S') ?? (typeof number === 'string' ? plainNumber(number) : member(value, 'B'));
  return typeof scalar === 'string' ? scalar : '\0';
}

/** A number as DynamoDB keeps it: `1.0`, `01` and `1e0` are the key `1`. */
export function plainNumber(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^([+-]?)(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i.exec(text.trim()) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const point = digits.length - fraction.length + Number(exponent);
  // What DynamoDB takes for no number it refuses.
  if (!/^\d+$/.test(`${whole}${fraction}`) || Math.abs(point) > 200) return text;
  if (digits.replace(/0+$/, '') === '') return '0';
  const [before, after] =
    point <= 0 ? ['0', '0'.repeat(-point) + digits] : [digits.slice(0, point).padEnd(point, '0'), digits.slice(point)];
  const decimals = after.replace(/0+$/, '');
  return `${sign === '-' ? '-' : ''}${before}${decimals === '' ? '' : `.${decimals}`}`;
}

export function member(value: unknown, name: string): unknown {
  return isObject(value) ? value[name] : undefined;
}

export function invalid(message: string): ServiceException {
  return new ServiceException({ type: 'ValidationException', statusCode: 400, message });
}

/** Recognises values that are known at deployment only, in text that a bundle would be frozen with. */
import { Token } from 'aws-cdk-lib/core';

/** Lists, and numbers, of which `JSON.stringify` leaves no trace that the framework would still recognise. */
const LIST_TOKEN = /#\{Token\[/;
const NUMBER_TOKEN = /-\d(\.\d+)?e\+289\b/g;

/** True for a token, and for text that has one inside. */
export function isUnresolved(value: unknown): boolean {
  if (Token.isUnresolved(value)) return true;
  if (typeof value !== 'string') return false;
  if (LIST_TOKEN.test(value)) return true;
  return (value.match(NUMBER_TOKEN) ?? []).some((text) => Token.isUnresolved(Number(text)));
}

/** What to do instead. */
export const INSTEAD_OF_TOKEN =
  'is a token, whose value is known at deployment only, when the bundle is long made; ' +
  'pass the value as an environment variable of the function and read it from process.env';

/** Recognises values that are known at deployment only, in text that a bundle would be frozen with. */
import { Token } from 'aws-cdk-lib/core';

/** Lists, and numbers: `JSON.stringify` leaves no trace of them that the framework would still recognise. */
const LIST_TOKEN = /#\{Token\[/;
const NUMBER_TOKEN = /-\d(\.\d+)?e\+289\b/g;

/** True for a token, and for text that has one inside. */
export function isUnresolved(value: unknown): boolean {
  if (Token.isUnresolved(value)) return true;
  if (typeof value !== 'string') return false;
  if (LIST_TOKEN.test(value)) return true;
  return (value.match(NUMBER_TOKEN) ?? []).some((text) => Token.isUnresolved(Number(text)));
}

/** Options whose values the code can read: there, an environment variable does the same. */
const READ_BY_CODE = ['banner', 'define', 'environment', 'esbuildArgs', 'footer'];

/** What is wrong with a token as the value of an option, or as the entry, and what to do instead. */
export function tokenProblem(name: string): string {
  const instead = READ_BY_CODE.includes(name)
    ? 'pass the value as an environment variable of the function and read it from process.env'
    : 'pass a value that is known at synth';
  return `is a token, whose value is known at deployment only, when the bundle is long made; ${instead}`;
}

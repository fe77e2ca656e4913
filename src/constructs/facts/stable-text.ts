/**
 * Writes values that may hold tokens as text that is the same in every synth of the same app.
 * The encoded form of a token numbers it in order of creation, so anything hashed from it, a logical id above all,
 * would change with unrelated edits; what a token resolves to does not.
 */
import { createHash } from 'node:crypto';
import { type IResolvable, Reference, Stack, Token, Tokenization } from 'aws-cdk-lib/core';

/** Twelve hex digits of `value`'s stable text: enough for the few permissions on one function. */
export function stableHash(stack: Stack, value: unknown): string {
  return createHash('sha256').update(stableText(stack, value)).digest('hex').slice(0, 12);
}

export function stableText(stack: Stack, value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(stableString(stack, value));
  if (Token.isUnresolved(value)) return tokenText(stack, value as IResolvable);
  if (Array.isArray(value)) return `[${value.map((item) => stableText(stack, item)).join()}]`;
  if (typeof value === 'object' && value !== null) return objectText(stack, value);
  return String(value);
}

function objectText(stack: Stack, value: object): string {
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${key}:${stableText(stack, item)}`).join()}}`;
}

function stableString(stack: Stack, text: string): string {
  if (!Token.isUnresolved(text)) return text;
  return Tokenization.reverseString(text)
    .mapTokens({ mapToken: (token) => tokenText(stack, token) })
    .join({ join: (left, right) => `${left}${right}` });
}

/** Logical ids repeat across stacks: what another stack defines carries that stack's path. */
function tokenText(stack: Stack, token: IResolvable): string {
  const home = Reference.isReference(token) ? Stack.of(token.target) : stack;
  const resolved = JSON.stringify(home.resolve(token));
  return home === stack ? resolved : `${home.node.path}|${resolved}`;
}

/** The references among the tokens of `text`. */
export function referencesIn(text: string): Reference[] {
  if (!Token.isUnresolved(text)) return [];
  return Tokenization.reverseString(text).tokens.filter((token) => Reference.isReference(token)) as Reference[];
}

/** What a schema finds wrong with a value, as plain data. Apart from the error that carries it, to ship without it. */
import type { StreamIssue } from '../wire/stream-control';
import type { StandardIssue } from './standard-schema';

/** One finding of a schema, as plain data. */
export type ContractIssue = StreamIssue;

/** `issues` as plain data that survives JSON. */
export const toContractIssues = (issues: readonly StandardIssue[]): ContractIssue[] =>
  issues.map(({ message, path = [] }) => ({
    message,
    // Not path.map: arktype's path is a subclass of Array that would make another one of itself.
    path: Array.from(path, (segment) => {
      const key = (segment as { readonly key?: PropertyKey }).key ?? (segment as PropertyKey);
      return typeof key === 'symbol' ? String(key) : key;
    }),
  }));

/** What schemas say of a string where they want a `Date`. */
const WANTS_DATE = /\b(expected|must be an?) date\b(?!.*received date\b)/i;

/** `issues` in one line, each after the path to what it is about. */
export function describeIssues(issues: readonly ContractIssue[]): string {
  const found = issues.map(({ path, message }) => (path.length ? `${path.join('.')}: ${message}` : message)).join('; ');
  return WANTS_DATE.test(found)
    ? `${found}; JSON carries a Date as a string, so let the schema take one, as z.coerce.date() does`
    : found;
}

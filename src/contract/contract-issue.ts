/** What a schema finds wrong with a value, as plain data. Apart from the error that carries it, to ship without it. */
import type { StreamIssue } from '../wire/stream-control';
import type { StandardIssue } from './standard-schema';

/** One finding of a schema, as plain data. */
export type ContractIssue = StreamIssue;

/** `issues` as plain data that survives JSON. */
export function toContractIssues(issues: readonly StandardIssue[]): ContractIssue[] {
  return issues.map(({ message, path = [] }) => ({
    message,
    // Not path.map: arktype's path is a subclass of Array that would make another one of itself.
    path: Array.from(path, (segment) => {
      const key = typeof segment === 'object' ? segment.key : segment;
      return typeof key === 'number' ? key : String(key);
    }),
  }));
}

/** `issues` in one line, each after the path to what it is about. */
export function describeIssues(issues: readonly ContractIssue[]): string {
  return issues.map(({ path, message }) => (path.length > 0 ? `${path.join('.')}: ${message}` : message)).join('; ');
}

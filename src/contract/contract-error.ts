/** The one error of this floor: a contract that cannot be, or a value that does not keep it, with a closed set of kinds. */
import type { StandardIssue } from './standard-schema';

/** The parts of a contract that have a schema. */
export type ContractPart = 'input' | 'chunk' | 'final' | 'error';

/** What does not hold. */
export type ContractErrorKind =
  | 'contract-invalid'
  | `${ContractPart}-invalid`
  | 'chunk-count-wrong'
  | 'data-after-end'
  | 'version-mismatch';

/** One finding of a schema, as plain data. */
export interface ContractIssue {
  readonly message: string;
  /** Keys from the value's root to the broken part; empty for the value itself. */
  readonly path: readonly (string | number)[];
}

const BRAND = Symbol.for('cdk-lambda-streaming.ContractError');

/** Raised for a contract that cannot be, or a value that does not keep it. Recognise it with {@link isContractError}. */
export class ContractError extends Error {
  public readonly kind: ContractErrorKind;
  /** Findings of the schema; empty where none was asked. */
  public readonly issues: readonly ContractIssue[];
  /** Number of the chunk in the stream, counted from 0, where the error is about one. */
  public readonly index?: number;

  public constructor(
    kind: ContractErrorKind,
    message: string,
    details: { readonly issues?: readonly ContractIssue[]; readonly index?: number; readonly cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'ContractError';
    this.kind = kind;
    this.issues = details.issues ?? [];
    this.index = details.index;
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/** Whether `error` is a {@link ContractError}, also one of another copy of this package or of another realm. */
export function isContractError(error: unknown, kind?: ContractErrorKind): error is ContractError {
  const branded = typeof error === 'object' && error !== null && (error as Record<symbol, unknown>)[BRAND] === true;
  return branded && (kind === undefined || (error as ContractError).kind === kind);
}

/** `issues` as plain data that survives JSON. */
export function toContractIssues(issues: readonly StandardIssue[]): ContractIssue[] {
  return issues.map(({ message, path = [] }) => ({
    message,
    path: path.map((segment) => {
      const key = typeof segment === 'object' ? segment.key : segment;
      return typeof key === 'symbol' ? String(key) : key;
    }),
  }));
}

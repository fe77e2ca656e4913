/** The one error of this floor: a contract that cannot be, or a value that does not keep it, with a closed set of kinds. */
import type { ContractIssue } from './contract-issue';

export type { ContractIssue } from './contract-issue';

/** The parts of a contract that have a schema. */
export type ContractPart = 'input' | 'chunk' | 'final' | 'error';

/** What does not hold. */
export type ContractErrorKind =
  | 'contract-invalid'
  | `${ContractPart}-invalid`
  | 'chunk-count-wrong'
  | 'data-after-end'
  | 'version-mismatch';

/** Raised for a contract that cannot be, or a value that does not keep it. Recognise it with {@link isContractError}. */
export class ContractError extends Error {
  // Declared, not defined: the class ships inside every handler, and its fields are assigned at once below.
  declare public readonly kind: ContractErrorKind;
  /** Findings of the schema; empty where none was asked. */
  declare public readonly issues: readonly ContractIssue[];
  /** Number of the chunk in the stream, counted from 0, where the error is about one. */
  declare public readonly index?: number;

  public constructor(
    kind: ContractErrorKind,
    message: string,
    details?: { readonly issues?: readonly ContractIssue[]; readonly index?: number; readonly cause?: unknown },
  ) {
    super(message);
    Object.assign(this, { name: 'ContractError', kind, issues: [] }, details);
  }
}

/** Whether `error` is a {@link ContractError}, also one of another copy of this package or of another realm. */
export function isContractError(error: unknown, kind?: ContractErrorKind): error is ContractError {
  const { name, kind: its, issues } = (error ?? {}) as Partial<ContractError>;
  return name === 'ContractError' && Array.isArray(issues) && (kind === undefined || its === kind);
}

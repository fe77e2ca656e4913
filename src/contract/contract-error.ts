/** The one error of this floor: an invalid contract, or a value that does not keep one, with a closed set of codes. */
import type { ContractIssue } from './contract-issue';

export type { ContractIssue } from './contract-issue';

/** The parts of a contract that have a schema. */
export type ContractPart = 'input' | 'chunk' | 'final' | 'error';

/** What does not hold. */
export type ContractErrorCode =
  | 'contract-invalid'
  | `${ContractPart}-invalid`
  | 'chunk-count-wrong'
  | 'data-after-end'
  | 'version-mismatch';

const BRAND = /* @__PURE__ */ Symbol.for('cdk-lambda-streaming.ContractError');

/** Raised for an invalid contract, or a value that does not keep one. Recognise it with {@link isContractError}. */
export class ContractError extends Error {
  // Declared, not defined: the class ships inside every handler, and its fields are assigned at once below.
  declare public readonly code: ContractErrorCode;
  /** Findings of the schema; empty where none was asked. */
  declare public readonly issues: readonly ContractIssue[];
  /** Number of the chunk in the stream, counted from 0, where the error is about one. */
  declare public readonly index?: number;

  public constructor(
    code: ContractErrorCode,
    message: string,
    details?: { readonly issues?: readonly ContractIssue[]; readonly index?: number; readonly cause?: unknown },
  ) {
    super(message);
    Object.assign(this, { name: 'ContractError', code, issues: [] }, details);
  }

  public get [BRAND](): true {
    return true;
  }
}

/** Whether `error` is a {@link ContractError}, also one of another copy of this package or of another realm. */
export function isContractError(error: unknown, code?: ContractErrorCode): error is ContractError {
  const { [BRAND]: isBranded, code: its } = (error ?? {}) as Partial<ContractError>;
  return isBranded === true && (code === undefined || its === code);
}

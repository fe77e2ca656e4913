/** What the caller is told of an error: type and message, and all that an `ApplicationError` says, never a stack. */
import { httpProblem } from '../contract/http-problem';
import type { StreamFailure } from '../wire/stream-control';
import { isApplicationError } from './application-error';

export interface Failure {
  readonly type: string;
  readonly message: string;
  /** HTTP status of a response that has not begun. */
  readonly statusCode: number;
  /** What an error that was thrown on purpose says besides. */
  readonly answer?: Pick<StreamFailure, 'data' | 'issues' | 'retryable' | 'statusCode'>;
}

/** Anything can be thrown, also what throws when it is looked at; the reader is told of it by a marker it can read. */
export function failureOf(error: unknown): Failure {
  let type = 'Error';
  let message = 'unreadable';
  try {
    const { name, message: said = error } = Object(error);
    message = String(said);
    if (typeof name === 'string') type = name;
    if (!isApplicationError(error)) return { type, message, statusCode: 500 };
    const { data, issues, retryable } = error;
    const statusCode = httpProblem({ statusCode: error.statusCode }) === undefined ? error.statusCode : undefined;
    return {
      type,
      message,
      statusCode: statusCode ?? 500,
      answer: { data, issues: issues ? [...issues] : undefined, retryable: retryable ? true : undefined, statusCode },
    };
  } catch {
    // What could be read of it is told, and it is not taken for an answer.
    return { type, message, statusCode: 500 };
  }
}

/** What the caller is told of an error: type and message, and all that an `ApplicationError` says, never a stack. */
import { httpProblem } from '../contract/http-problem';
import type { StreamFailure } from '../wire/stream-control';
import { isApplicationError } from './application-error';

/** Anything can be thrown, also what throws when it is looked at; the reader is told of it by a marker it can read. */
export function failureOf(
  error: unknown,
): readonly [type: string, message: string, status: number, answer?: Partial<StreamFailure>] {
  let type = 'Error';
  let message = 'unreadable';
  let status = 500;
  let answer: Partial<StreamFailure> | undefined;
  try {
    const { name, message: said = error } = Object(error);
    message = String(said);
    if (typeof name === 'string') type = name;
    if (isApplicationError(error)) {
      const { data, issues, retryable, statusCode = 500 } = error;
      answer = { data, issues: issues ? [...issues] : undefined, retryable: retryable ? true : undefined };
      if (!httpProblem({ statusCode })) status = statusCode;
    }
  } catch {
    // What could be read of it is told, and no answer.
    answer = undefined;
  }
  return [type, message, status, answer];
}

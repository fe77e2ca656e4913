/** The option checker of the base floor, raising the invoker's error. Portable. */
import { optionProblem, type Rules } from '../../base/option-problem';
import { StreamError } from '../errors/stream-error';

/**
 * @param where what was called, for a message
 * @throws StreamError with code INPUT_INVALID for the first option that is unknown or has a wrong value
 */
export function checkOptions(where: string, options: unknown, rules: Rules): void {
  const problem = optionProblem(options, rules);
  if (problem !== undefined) throw invalidOption(where, problem);
}

export function invalidOption(where: string, message: string): StreamError {
  return StreamError.of('INPUT_INVALID', `${where}: ${message}`, {}, {});
}

/** Asks a schema about a value: at once where the schema is synchronous, else by a promise. */
import { isPromise } from '../base/promises';
import { ContractError, type ContractPart } from './contract-error';
import { describeIssues, toContractIssues } from './contract-issue';
import type { StandardResult, StandardSchema } from './standard-schema';

/**
 * What `schema` makes of `value`; `value` itself without a schema. A promise only where the schema is asynchronous.
 * Throws, or rejects with, a `ContractError` of kind `<part>-invalid` that holds the schema's issues.
 */
export function validate<Output>(
  schema: StandardSchema<unknown, Output> | undefined,
  value: unknown,
  part: ContractPart,
  index?: number,
): Output | Promise<Output> {
  // Without a schema the type is the caller's claim, as for any JSON.
  if (schema === undefined) return value as Output;
  const result = schema['~standard'].validate(value);
  return isPromise(result) ? result.then((settled) => unwrap(settled, part, index)) : unwrap(result, part, index);
}

function unwrap<Output>(result: StandardResult<Output>, part: ContractPart, index: number | undefined): Output {
  if (result.issues === undefined) return result.value;
  const issues = toContractIssues(result.issues);
  const which = index === undefined ? `the ${part}` : `${part} ${index}`;
  throw new ContractError(`${part}-invalid`, `${which} does not keep the contract: ${describeIssues(issues)}`, {
    issues,
    index,
  });
}

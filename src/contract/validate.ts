/** Asks a schema about a value: at once where the schema is synchronous, else by a promise. */
import { isPromise } from '../base/promises';
import { ContractError, type ContractPart } from './contract-error';
import { describeIssues, toContractIssues } from './contract-issue';
import type { StandardResult, StandardSchema } from './standard-schema';

/**
 * What `schema` makes of `value`; `value` itself without a schema. A promise only where the schema is asynchronous.
 * @throws ContractError `<part>-invalid` with the schema's issues; a promise rejects with it
 */
export function validate<Output>(
  schema: StandardSchema<unknown, Output> | undefined,
  value: unknown,
  part: ContractPart,
  index?: number,
): Output | Promise<Output> {
  // Without a schema the type is the caller's claim, as for any JSON.
  if (schema === undefined) return value as Output;
  const about = { value, part, index };
  const result = schema['~standard'].validate(value);
  return isPromise(result) ? result.then((settled) => unwrap(settled, about)) : unwrap(result, about);
}

interface Checked {
  readonly value: unknown;
  readonly part: ContractPart;
  readonly index: number | undefined;
}

function unwrap<Output>(result: StandardResult<Output>, { value, part, index }: Checked): Output {
  if (result.issues === undefined) return result.value;
  const issues = toContractIssues(result.issues);
  const which = index === undefined ? `the ${part}` : `${part} ${index}`;
  const what =
    part === 'final' && value === undefined
      ? 'the handler returned no final value, but the contract has one'
      : `${which} does not keep the contract`;
  throw new ContractError(`${part}-invalid`, `${what}: ${describeIssues(issues)}`, { issues, index });
}

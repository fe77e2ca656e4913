/** Checks the input of a call against the contract and writes it as the JSON that Lambda takes. */

import { isPromise } from '../../base/promises';
import { isContractError } from '../../contract/contract-error';
import type { StreamContract } from '../../contract/stream-contract';
import { validate } from '../../contract/validate';
import { REQUEST_PAYLOAD_MAX_BYTES } from '../../wire/limits';
import { isStreamError, StreamError } from '../errors/stream-error';
import { describe } from '../errors/system-error';

/**
 * The payload for `input`; a promise only where the contract's input schema is asynchronous. Sends what the caller
 * passed: the schema's transforms are the handler's to apply.
 */
export function encodeInput(contract: StreamContract, input: unknown): Uint8Array | Promise<Uint8Array> {
  try {
    const checked: unknown = validate(contract.input, input, 'input');
    // Without a schema this is the input itself, which is not ours to look at.
    if (contract.input === undefined || !isPromise(checked)) return toPayload(input);
    return Promise.resolve(checked).then(() => toPayload(input), refuse);
  } catch (cause) {
    return refuse(cause);
  }
}

function refuse(cause: unknown): never {
  if (isStreamError(cause)) throw cause;
  const message = `${describe(cause)}; nothing was sent`;
  // A schema that throws says by its stack where. What it finds is all in the message.
  if (!isContractError(cause)) throw StreamError.of('INPUT_INVALID', message, { issues: [] }, { cause });
  throw StreamError.of('INPUT_INVALID', message, { issues: cause.issues }, {});
}

function toPayload(input: unknown): Uint8Array {
  // Lambda takes no payload at all for an empty one; handlers expect an object.
  const payload = new TextEncoder().encode(stringify(input === undefined ? {} : input));
  if (payload.length > REQUEST_PAYLOAD_MAX_BYTES) {
    const message = `the input is ${payload.length} bytes as JSON, Lambda accepts ${REQUEST_PAYLOAD_MAX_BYTES}; send a reference to large data`;
    throw StreamError.of('REQUEST_TOO_LARGE', message, { limitBytes: REQUEST_PAYLOAD_MAX_BYTES }, {});
  }
  return payload;
}

function stringify(input: unknown): string {
  let json: string | undefined;
  let cause: unknown;
  try {
    json = JSON.stringify(input);
  } catch (error) {
    cause = error;
  }
  if (json !== undefined) return json;
  const why = cause === undefined ? `got ${typeof input}` : describe(cause);
  // The platform's own words are all here; an error of a toJSON() or a getter says by its stack where.
  const isOfPlatform = cause === undefined || /\b(BigInt|circular|cyclic)\b/i.test(why);
  throw StreamError.of('INPUT_INVALID', `the input must be JSON: ${why}`, {}, isOfPlatform ? {} : { cause });
}

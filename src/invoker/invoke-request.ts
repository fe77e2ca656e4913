/** Checks a call before anything is sent, and writes it as the input of `InvokeWithResponseStream`. */
import type { InvokeWithResponseStreamCommandInput } from '@aws-sdk/client-lambda';
import { show } from '../base/option-problem';
import { isPromise } from '../base/promises';
import { isContractError } from '../contract/contract-error';
import type { StreamContract } from '../contract/stream-contract';
import { validate } from '../contract/validate';
import { type ClientContext, clientContextFits, encodeClientContext } from '../wire/client-context';
import { parseFunctionName } from '../wire/function-name';
import { REQUEST_PAYLOAD_MAX_BYTES } from '../wire/limits';
import { isWireError } from '../wire/wire-error';
import { isStreamError, StreamError } from './errors/stream-error';
import { describe } from './errors/system-error';
import type { Call } from './invocation';
import type { CallSettings } from './invoke-options';
import type { CallHooks } from './stream-hooks';

/** A function as the API takes it. */
export interface FunctionAddress {
  readonly functionName: string;
  readonly qualifier?: string;
  /** Region in the ARN, where there is one. */
  readonly region?: string;
}

/** @throws StreamError `INPUT_INVALID` */
export function readAddress(functionName: string, qualifier?: string): FunctionAddress {
  return asInput(() => ({ functionName, qualifier, region: parseFunctionName(functionName, qualifier).region }));
}

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
  const issues = isContractError(cause) ? cause.issues : [];
  throw StreamError.of('INPUT_INVALID', `${describe(cause)}; nothing was sent`, { issues }, { cause });
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
  const why = cause instanceof Error ? cause.message : `got ${typeof input}`;
  throw StreamError.of('INPUT_INVALID', `the input must be JSON: ${why}`, {}, { cause });
}

export function toCommandInput(
  address: FunctionAddress,
  payload: Uint8Array,
  logs: 'none' | 'tail' | undefined,
  { settings, hooks }: Call,
): InvokeWithResponseStreamCommandInput {
  const clientContext = withTraceparent(settings, hooks);
  return {
    FunctionName: address.functionName,
    Qualifier: address.qualifier,
    Payload: payload,
    LogType: logs === 'tail' ? 'Tail' : undefined,
    ClientContext: clientContext && asInput(() => encodeClientContext(clientContext)),
    TenantId: settings.tenantId,
  };
}

function withTraceparent({ clientContext, traceparent }: CallSettings, hooks: CallHooks): ClientContext | undefined {
  const leaveOut = (why: string) => {
    hooks.warn(`traceparent was left out: ${why}`);
    return clientContext;
  };
  let trace: unknown;
  try {
    trace = typeof traceparent === 'function' ? traceparent({ callId: hooks.callId }) : traceparent;
  } catch (error) {
    return leaveOut(`the function threw: ${describe(error)}`);
  }
  if (trace === undefined) return clientContext;
  if (typeof trace !== 'string') return leaveOut(`it must be a string, got ${show(trace)}`);
  const traced = { ...clientContext, custom: { ...clientContext?.custom, traceparent: trace } };
  return asInput(() => clientContextFits(traced)) ? traced : leaveOut('the client context has no room for it');
}

/** What cannot be written here is the caller's input. */
function asInput<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    const message = isWireError(cause) ? cause.message : `the client context must be JSON: ${describe(cause)}`;
    throw StreamError.of('INPUT_INVALID', message, {}, { cause });
  }
}

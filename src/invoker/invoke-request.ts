/** Writes a call as the input of `InvokeWithResponseStream`. */
import type { InvokeWithResponseStreamCommandInput } from '@aws-sdk/client-lambda';
import { show } from '../base/option-problem';
import type { CallHooks } from '../stream/call/stream-hooks';
import { StreamError } from '../stream/errors/stream-error';
import { describe } from '../stream/errors/system-error';
import { type ClientContext, clientContextFits, encodeClientContext } from '../wire/client-context';
import { parseFunctionName } from '../wire/function-name';
import { isWireError } from '../wire/wire-error';
import type { Call } from './invocation';
import type { CallSettings } from './invoke-options';

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

/** Writes a call as the input of `InvokeWithResponseStream`. */
import type { InvokeWithResponseStreamCommandInput } from '@aws-sdk/client-lambda';
import type { StreamCall } from '../stream/call/call';
import type { CallHooks } from '../stream/call/stream-hooks';
import { leaveOutTraceparent, readTraceparent } from '../stream/call/traceparent';
import { StreamError } from '../stream/errors/stream-error';
import { describe } from '../stream/errors/system-error';
import { type ClientContext, clientContextFits, encodeClientContext } from '../wire/client-context';
import { isWireError } from '../wire/wire-error';
import type { FunctionAddress } from './function-address';
import type { InvokeSettings } from './invoke-options';

export function toCommandInput(
  address: FunctionAddress,
  payload: Uint8Array,
  logs: 'none' | 'tail' | undefined,
  { settings, hooks }: StreamCall<InvokeSettings>,
): InvokeWithResponseStreamCommandInput {
  const clientContext = withTraceparent(settings, hooks);
  return {
    FunctionName: address.functionName,
    Qualifier: address.qualifier,
    Payload: payload,
    LogType: logs === 'tail' ? 'Tail' : undefined,
    ClientContext: clientContext && writing(() => encodeClientContext(clientContext)),
    TenantId: settings.tenantId,
  };
}

function withTraceparent({ clientContext, traceparent }: InvokeSettings, hooks: CallHooks): ClientContext | undefined {
  const trace = readTraceparent(traceparent, hooks);
  if (trace === undefined) return clientContext;
  const traced = { ...clientContext, custom: { ...clientContext?.custom, traceparent: trace } };
  if (writing(() => clientContextFits(traced))) return traced;
  leaveOutTraceparent(hooks, 'the client context has no room for it');
  return clientContext;
}

/** A client context that is too long or not JSON. */
function writing<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    const message = isWireError(cause) ? cause.message : `the client context must be JSON: ${describe(cause)}`;
    throw StreamError.of('CONFIG_INVALID', message, {}, { cause });
  }
}

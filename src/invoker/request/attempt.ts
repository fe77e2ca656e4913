/** One attempt: sends the request under its clocks, and tells for each failure whether the function can have run. */
import type { LambdaClient } from '@aws-sdk/client-lambda';
import { Deadline, type DeadlineLimits } from '../../stream/call/deadline';
import { CredentialsFailure, requestError } from './request-error';
import { type AttemptTrace, type Command, type RawResponse, sendRequest } from './send-request';
import { watchSocket } from './socket-wait';
import { hearOfClosedConnections } from './standstill';

export interface AttemptLimits extends DeadlineLimits {
  readonly connectMs: number;
  /** Told of what the attempt survives. */
  readonly warn: (message: string) => void;
}

/** Resolves at the response headers; rejects with a {@link StreamError}. */
export async function attempt(client: LambdaClient, command: Command, limits: AttemptLimits): Promise<RawResponse> {
  const trace: AttemptTrace = { sent: false };
  const deadline = new Deadline(limits, trace, 'credentials or region');
  const sending = readyToSend(client).then(() => sendRequest(client, command, deadline.control.signal, trace));
  const stopWatching = watchSocket(client, () => trace.headers, limits.warn);
  try {
    // Not left to the SDK alone: a credential provider, for one, knows no abort signal.
    return await deadline.race(sending);
  } catch (raw) {
    sending.then(discard, () => undefined);
    throw deadline.error ?? requestError(trace.failure ?? raw, trace, limits.connectMs);
  } finally {
    stopWatching();
    deadline.release();
  }
}

async function readyToSend(client: LambdaClient): Promise<void> {
  await checkCredentials(client);
  await hearOfClosedConnections(client);
}

/** Closes a response that nobody will read. */
export function discard(response: RawResponse): void {
  const body = response.body as { destroy?: () => void; cancel?: () => Promise<void> } | undefined;
  if (body?.destroy) body.destroy();
  else body?.cancel?.().catch(() => undefined);
}

/**
 * Asks a client for its credentials before it signs with them, so that what fails there is told from a wrong request. The
 * SDK keeps what it is given: it does not ask the provider again. Stand-ins for a client have no credentials.
 */
async function checkCredentials(client: LambdaClient): Promise<void> {
  const { credentials } = (client.config ?? {}) as { credentials?: () => Promise<unknown> };
  if (typeof credentials !== 'function') return;
  try {
    await credentials();
  } catch (cause) {
    throw new CredentialsFailure(cause);
  }
}

/**
 * A process that stood still, as a Lambda function does between its invocations, has connections that the other side closed
 * in the meantime, and has not heard of it. A request on one of them fails, and nobody knows whether it arrived. One turn of
 * the event loop brings the news, and the agent makes a new connection.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LambdaClient } from '@aws-sdk/client-lambda';

/** Much shorter than the time after which anybody closes an idle connection. */
const BUSY_MS = 1_000;

/** When each client was last used, on the wall clock: that goes on where a process is frozen. */
const lastUses = new WeakMap<LambdaClient, number>();

/** Resolves when `client` knows which of its connections are closed; at once where it was used a moment ago. */
export async function hearOfClosedConnections(client: LambdaClient): Promise<void> {
  const now = Date.now();
  const before = lastUses.get(client);
  lastUses.set(client, now);
  // A clock that was set back tells nothing.
  if (before === undefined || (now >= before && now - before < BUSY_MS)) return;
  await nextTurn();
}

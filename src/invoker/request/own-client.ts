/**
 * The invoker's own Lambda client: without retries of its own, with sockets for hundreds of streams at once, and closed on
 * request, but not before the last call that uses it has ended.
 */

import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type * as ClientLambda from '@aws-sdk/client-lambda';
import type { LambdaClient, LambdaClientConfig } from '@aws-sdk/client-lambda';
import { LONGEST_TIMER_MS } from '../../base/timers';
import { StreamError } from '../../stream/errors/stream-error';
import { describe } from '../../stream/errors/system-error';

/** Each open stream holds a socket; the SDK's 50 would make the 51st caller wait for a stream to end. */
const MAX_SOCKETS = 2_000;

interface RequestHandlerOptions {
  readonly connectionTimeout: number;
  readonly httpAgent: HttpAgent;
  readonly httpsAgent: HttpsAgent;
}

/** A client of the SDK from `config`; a `requestHandler` given there is used as it is. */
export function createLambdaClient(
  { LambdaClient }: typeof ClientLambda,
  config: LambdaClientConfig,
  connectMs: number,
): LambdaClient {
  // One attempt inside: whether to try again is decided by the invoker, which knows whether the function may have run.
  const client = made(() => new LambdaClient({ ...config, maxAttempts: 1 }));
  if (config.requestHandler !== undefined) return client;
  const agent = { keepAlive: true, maxSockets: MAX_SOCKETS };
  // Not by plain options: clients before 3.521 do not take them, but all bring their handler's class along.
  const Handler = client.config.requestHandler.constructor as new (
    options: RequestHandlerOptions,
  ) => LambdaClient['config']['requestHandler'];
  client.config.requestHandler = new Handler({
    // A longer delay than timers count would be none at all.
    connectionTimeout: connectMs <= LONGEST_TIMER_MS ? connectMs : 0,
    httpAgent: new HttpAgent(agent),
    httpsAgent: new HttpsAgent(agent),
  });
  return client;
}

function made<T>(make: () => T): T {
  try {
    return make();
  } catch (cause) {
    throw StreamError.of('CONFIG_INVALID', `no client can be made of clientConfig: ${describe(cause)}`, {}, { cause });
  }
}

/** A client for one call. */
export interface ClientUse {
  readonly client: LambdaClient;
  /** The call has ended. May be called again. */
  done(): void;
}

export class OwnClient {
  private readonly uses = new Set<ClientUse>();
  private isClosed = false;

  public constructor(private readonly client: LambdaClient) {}

  public use(): ClientUse {
    const use = { client: this.client, done: () => this.end(use) };
    this.uses.add(use);
    return use;
  }

  public close(): void {
    this.isClosed = true;
    this.destroyUnlessUsed();
  }

  private end(use: ClientUse): void {
    if (this.uses.delete(use)) this.destroyUnlessUsed();
  }

  /** The SDK's `destroy` breaks the connections that are in use, too. */
  private destroyUnlessUsed(): void {
    if (this.isClosed && this.uses.size === 0) this.client.destroy();
  }
}

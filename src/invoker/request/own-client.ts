/** The invoker's own client: closed on request, but not before the last call that uses it has ended. */
import type { LambdaClient } from '@aws-sdk/client-lambda';

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

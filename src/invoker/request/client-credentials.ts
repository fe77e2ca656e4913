/** Asks a client for its credentials before it signs with them, so that what fails there is told from a wrong request. */
import type { LambdaClient } from '@aws-sdk/client-lambda';
import { StreamError } from '../../stream/errors/stream-error';
import { describe, systemCodeOf } from '../../stream/errors/system-error';

/** The credentials provider failed, as `cause` says. */
export class CredentialsFailure {
  public constructor(public readonly cause: unknown) {}

  /** What fails for want of a connection may work later; all else is the same at the next call. */
  public toStreamError(): StreamError {
    const { cause } = this;
    const message = `the credentials provider failed: ${describe(cause)}`;
    const facts = { phase: 'input', retryable: systemCodeOf(cause) !== undefined, cause } as const;
    return StreamError.of('ACCESS_DENIED', message, { reason: 'credentials' }, facts);
  }
}

/** The SDK keeps what it is given: it does not ask the provider again. Stand-ins for a client have no credentials. */
export async function checkCredentials(client: LambdaClient): Promise<void> {
  const { credentials } = (client.config ?? {}) as { credentials?: () => Promise<unknown> };
  if (typeof credentials !== 'function') return;
  try {
    await credentials();
  } catch (cause) {
    throw new CredentialsFailure(cause);
  }
}

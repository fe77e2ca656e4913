/** Temporary credentials of the principals in this process: issued by the target, looked up by the signature check. */

import { randomBytes } from 'node:crypto';
import type { Clock } from './clock';
import type { Principal } from './iam/principals';

/** Credentials in the shape AWS SDK clients take. */
export interface LocalCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

/** What an access key stands for. */
export interface CredentialRecord extends LocalCredentials {
  readonly principal: Principal;
}

/** Options of {@link CredentialStore.issue}. */
export interface IssueOptions {
  /** @default 3600 */
  readonly durationSeconds?: number;
}

export class CredentialStore {
  private readonly byAccessKey = new Map<string, CredentialRecord>();

  constructor(private readonly clock: Clock) {}

  /** New credentials of `principal`. */
  issue(principal: Principal, options: IssueOptions = {}): LocalCredentials {
    const durationSeconds = options.durationSeconds ?? 3_600;
    const credentials: LocalCredentials = {
      accessKeyId: `ASIA${randomKey(16)}`,
      secretAccessKey: randomBytes(30).toString('base64'),
      sessionToken: randomBytes(48).toString('base64'),
      expiration: new Date(this.clock.now() + durationSeconds * 1_000),
    };
    this.dropExpired();
    this.byAccessKey.set(credentials.accessKeyId, { ...credentials, principal });
    return credentials;
  }

  /** The record of an access key, expired or not; undefined for a key that was never issued here. */
  lookup(accessKeyId: string): CredentialRecord | undefined {
    return this.byAccessKey.get(accessKeyId);
  }

  /** Keys stay a day past their end, so that their use is answered with "expired" and not with "unknown". */
  private dropExpired(): void {
    const oldest = this.clock.now() - 24 * 3_600_000;
    for (const [key, record] of this.byAccessKey) {
      if (record.expiration.getTime() < oldest) this.byAccessKey.delete(key);
    }
  }
}

function randomKey(length: number): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  return [...randomBytes(length)].map((byte) => alphabet[byte % alphabet.length]).join('');
}

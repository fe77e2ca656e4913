/** Quotas count the values of headers, not their names. */
import type { IncomingMessage } from 'node:http';

/** What the values of all headers of a request take together. */
export function headerValueBytes({ rawHeaders }: IncomingMessage): number {
  return rawHeaders.reduce((bytes, text, i) => (i % 2 === 1 ? bytes + Buffer.byteLength(text, 'latin1') : bytes), 0);
}

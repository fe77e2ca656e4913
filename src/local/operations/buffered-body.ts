/** Collects a response that must be complete before it is sent on, up to Lambda's limit for it. */
import type { IncomingMessage } from 'node:http';
import { BUFFERED_RESPONSE_MAX_BYTES } from '../../wire/limits';

/** The body, or `too-large`. A body that breaks off is returned as far as it came; `complete` of the message tells. */
export function collectBody(body: IncomingMessage): Promise<Buffer | 'too-large'> {
  return new Promise((resolve) => {
    let parts: Buffer[] = [];
    let length = 0;
    body.on('data', (part: Buffer) => {
      length += part.length;
      if (length > BUFFERED_RESPONSE_MAX_BYTES) parts = [];
      else parts.push(part);
    });
    body.on('error', () => undefined);
    body.on('close', () => resolve(length > BUFFERED_RESPONSE_MAX_BYTES ? 'too-large' : Buffer.concat(parts)));
  });
}

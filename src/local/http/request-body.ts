/** Collects the body of a request up to a limit; what exceeds it is read and thrown away, so that the answer arrives. */
import type { IncomingMessage } from 'node:http';

/** The body, `too-large`, or `aborted` when the client went away. */
export type RequestBody = Buffer | 'too-large' | 'aborted';

export function readRequestBody(request: IncomingMessage, maxBytes: number): Promise<RequestBody> {
  return new Promise((resolve) => {
    let parts: Buffer[] = [];
    let length = 0;
    request.on('data', (part: Buffer) => {
      length += part.length;
      if (length > maxBytes) parts = [];
      else parts.push(part);
    });
    request.on('end', () => resolve(length > maxBytes ? 'too-large' : Buffer.concat(parts)));
    request.on('close', () => resolve('aborted'));
  });
}

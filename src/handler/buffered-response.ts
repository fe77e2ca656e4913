/** What a handler returns where it was given no response stream: the same bytes, as a Lambda proxy response. */
import type { ResponseWriter } from '../wire/lambda-runtime';
import type { EncodeHead, ResponseHead } from './response-writer';

export interface BufferedResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[];
  /** Text, or base64 for the format `bytes`. */
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

/** What `respond` writes, and its head. */
export async function buffered(
  isBase64Encoded: boolean,
  respond: (stream: ResponseWriter, encodeHead: EncodeHead) => Promise<void>,
): Promise<BufferedResponse> {
  const pieces: Uint8Array[] = [];
  // Set before the first write, and no response ends without one.
  let head!: ResponseHead;
  await respond({ write: (bytes) => pieces.push(bytes) > 0, end: () => undefined }, (given) => {
    head = given;
    return '';
  });
  return {
    ...head,
    body: Buffer.concat(pieces).toString(isBase64Encoded ? 'base64' : 'utf8'),
    isBase64Encoded,
  };
}

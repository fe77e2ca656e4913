/** What a handler returns where it was given no response stream: the same bytes, as a Lambda proxy response. */
import type { ResponseWriter } from '../wire/lambda-runtime';
import type { ResponseHead } from './response-output';

export interface BufferedResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[] | undefined;
  /** Text, or base64 for the format `bytes`. */
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

/** Where a response goes that is returned in one piece. */
export interface BufferedTarget {
  readonly stream: ResponseWriter;
  /** Keeps the head apart from the body. */
  encodeHead(head: ResponseHead): string;
}

/** All that `respond` writes, and its head. */
export async function bufferedResponse(
  isBase64Encoded: boolean,
  respond: (target: BufferedTarget) => Promise<void>,
): Promise<BufferedResponse> {
  const pieces: Uint8Array[] = [];
  // Set before the first write, and no response ends without one.
  let head!: ResponseHead;
  await respond({
    stream: { write: (bytes) => pieces.push(bytes) > 0, end: () => undefined },
    encodeHead: (given) => {
      head = given;
      return '';
    },
  });
  const body = Buffer.concat(pieces).toString(isBase64Encoded ? 'base64' : 'utf8');
  return { ...head, body, isBase64Encoded };
}

/** What a handler returns where it was given no response stream: the same bytes, as a Lambda proxy response. */
import { PRELUDE_DELIMITER_BYTES } from '../wire/prelude';
import type { ResponseStream } from './lambda-runtime';

export interface BufferedResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[];
  /** Text, or base64 for the format `bytes`. */
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

/** The response that `respond` writes, which has to begin with a prelude. */
export async function buffered(
  isBase64Encoded: boolean,
  respond: (stream: ResponseStream) => Promise<void>,
): Promise<BufferedResponse> {
  const pieces: Uint8Array[] = [];
  await respond({ write: (bytes) => pieces.push(bytes) > 0, end: () => undefined });
  const bytes = Buffer.concat(pieces);
  const delimiter = bytes.indexOf(0);
  const body = bytes.subarray(delimiter + PRELUDE_DELIMITER_BYTES).toString(isBase64Encoded ? 'base64' : 'utf8');
  return { ...JSON.parse(bytes.subarray(0, delimiter).toString()), body, isBase64Encoded };
}

/** Where a handler's bytes go: the runtime's response stream, or memory where there is none. */
import { HTTP_INTEGRATION_CONTENT_TYPE } from '../wire/content-types';
import { encodePrelude, type HttpPrelude } from '../wire/prelude';
import type { ResponseStream } from './lambda-runtime';

export interface ResponseOutput {
  /** Called once, before the first write. */
  begin(contentType: string, prelude: HttpPrelude | undefined): void;
  /** Settles when there is room for the next write; rejects when the stream fails. */
  write(bytes: Uint8Array): Promise<void>;
  end(): void;
}

export function streamOutput(stream: ResponseStream): ResponseOutput {
  const write = (bytes: Uint8Array): Promise<void> =>
    new Promise((resolve, reject) => {
      // Not the drain event: a stream that fails never drains, but it always calls back.
      if (stream.write(bytes, (error) => (error ? reject(error) : resolve()))) resolve();
    });
  return {
    begin: (contentType, prelude) => {
      stream.setContentType?.(prelude ? HTTP_INTEGRATION_CONTENT_TYPE : contentType);
      if (prelude) unawaited(write(encodePrelude(prelude)));
    },
    write,
    end: () => {
      stream.end();
    },
  };
}

/** For writes after which nothing waits for room: a stream that fails then fails for the runtime, which reports it. */
export function unawaited(written: Promise<void>): void {
  written.catch(() => undefined);
}

/** What a handler returns where it was given no response stream: the same bytes, in the shape of a Lambda proxy response. */
export interface BufferedResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[];
  /** Text, or base64 for the format `bytes`. */
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

/** Keeps everything in memory; `response` is to be asked after the last write. */
export function bufferedOutput(isBase64Encoded: boolean): ResponseOutput & { response(): BufferedResponse } {
  const pieces: Uint8Array[] = [];
  let head: HttpPrelude = {};
  return {
    begin: (contentType, prelude) => {
      head = { headers: { 'content-type': contentType }, ...prelude };
    },
    write: async (bytes) => {
      pieces.push(bytes);
    },
    end: () => undefined,
    response: () => ({
      statusCode: 200,
      headers: {},
      ...head,
      body: Buffer.concat(pieces).toString(isBase64Encoded ? 'base64' : 'utf8'),
      isBase64Encoded,
    }),
  };
}

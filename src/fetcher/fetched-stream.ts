/** A response stream that came over HTTP, through a front end that has read the HTTP prelude and answered with it. */
import { ResponseStream, type StreamParts } from '../stream/reading/response-stream';
import type { HttpPrelude } from '../wire/http-prelude';
import type { FetchResponse } from './fetch-function';

export class FetchedStream<Chunk, Final> extends ResponseStream<Chunk, Final> {
  public constructor(
    parts: StreamParts,
    private readonly answer: HttpPrelude,
  ) {
    super(parts);
  }

  /** Status, headers and cookies of the response; in a browser only what CORS lets a page see. */
  public override get http(): Promise<HttpPrelude> {
    return Promise.resolve(this.answer);
  }

  protected override again(parts: StreamParts): ResponseStream<Chunk, Final> {
    return new FetchedStream(parts, this.answer);
  }
}

/** What describes the connection or the encoding that fetch has undone, so is not true of what the stream gives. */
const NOT_THE_FUNCTIONS =
  /^(connection|content-encoding|content-length|keep-alive|set-cookie|trailer|transfer-encoding|upgrade)$/;

/** The response's status line and headers in the shape of the prelude they were made of. */
export function answerOf({ status, headers }: FetchResponse): HttpPrelude {
  const named: Record<string, string> = {};
  headers.forEach((value, name) => {
    if (!NOT_THE_FUNCTIONS.test(name)) named[name] = value;
  });
  const cookies = headers.getSetCookie?.() ?? [];
  return { statusCode: status, headers: named, ...(cookies.length > 0 && { cookies }) };
}

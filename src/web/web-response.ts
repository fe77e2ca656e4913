/** Sends a `Response` of the web. */
import type { HttpOutput } from './http-output';

/** A response that is not the platform's own may have a Node.js stream as its body. */
type AnyResponse = Omit<Partial<Response>, 'body'> & { readonly body?: Partial<ReadableStream<unknown>> | null };

export async function sendResponse(response: AnyResponse | undefined, output: HttpOutput): Promise<void> {
  const { status = 0, headers, body } = response ?? {};
  if (!headers?.getSetCookie) {
    const advice = Object(response).statusCode ? ': a Lambda adapter made it; give the fetch function of the app' : '';
    throw new TypeError(`the fetch function must give a Response, got ${JSON.stringify(response)}${advice}`);
  }
  const reader = body && (body.getReader?.() ?? ReadableStream.from(body as AsyncIterable<unknown>).getReader());
  if (reader) output.cancelSource = (reason) => reader.cancel(reason);
  const hasBody = output.begin(status, headers, headers.getSetCookie());
  if (!reader) return;
  if (!hasBody) return reader.cancel();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    await output.write(value);
  }
}

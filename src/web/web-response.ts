/** Sends a `Response` of the web. */
import { HOP_BY_HOP } from './hop-by-hop';
import type { HttpOutput, ResponseHead } from './http-output';

/** @param headersWaitMs longest time the head waits for the first piece; undefined for the default of its type */
export async function sendResponse(
  response: Response,
  output: HttpOutput,
  headersWaitMs: number | undefined,
): Promise<void> {
  const head = headOf(response);
  const body: Partial<ReadableStream<unknown>> | null = response.body;
  if (!body || !output.mayHaveBody(head.statusCode)) {
    output.begin(head);
    await body?.cancel?.();
    return;
  }
  // A response that is not the platform's own may have a Node.js stream as its body.
  const reader = body.getReader?.() ?? ReadableStream.from(body as AsyncIterable<unknown>).getReader();
  output.cancelSource = (reason) => reader.cancel(reason);
  const waitMs = headersWaitMs ?? (output.isEvents(head) ? 0 : 50);
  let reading: ReturnType<typeof reader.read> | undefined;
  if (waitMs) {
    reading = reader.read();
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([
      reading,
      new Promise((resolve) => {
        timer = setTimeout(resolve, waitMs);
      }),
    ]).finally(() => clearTimeout(timer));
  }
  output.begin(head);
  for (;;) {
    const { done, value } = await (reading ?? reader.read());
    if (done) return;
    await output.write(value);
    reading = undefined;
  }
}

function headOf(response: Response | undefined): ResponseHead {
  const { status = 0, headers } = response ?? {};
  if (!headers?.getSetCookie) {
    const advice = Object(response).statusCode
      ? ': that is the answer of a Lambda adapter; pass the fetch function of the app itself'
      : '';
    throw new TypeError(`the fetch function must give a Response, got ${JSON.stringify(response)}${advice}`);
  }
  const sent: Record<string, string> = {};
  for (const [name, value] of headers) if (name !== 'set-cookie' && !HOP_BY_HOP.test(name)) sent[name] = value;
  return { statusCode: status, headers: sent, cookies: headers.getSetCookie() };
}

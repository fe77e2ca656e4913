/** Hands a call to the function of a test that plays a service. */
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ServiceRequest } from './service-call';
import { HANDLER_PATIENCE_MS, waitForAnswer } from './service-patience';

/** Answers the requests to one service, as the service would: an SDK reads what it returns. */
export type ServiceHandler = (request: Request) => Response | Promise<Response>;

/** @throws what the handler throws, or Unanswered */
export async function answerByHandler(
  handler: ServiceHandler,
  request: ServiceRequest,
  response: ServerResponse,
): Promise<void> {
  const { body, headers, method, url } = request;
  const host = headers.host ?? headers[':authority'] ?? 'localhost';
  const given = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    name.startsWith(':') || value === undefined ? [] : [[name, [value].flat().join(', ')]],
  );
  const bodyless = method === 'GET' || method === 'HEAD' || body.length === 0;
  const answer = await waitForAnswer(response, HANDLER_PATIENCE_MS, (signal) =>
    handler(
      new Request(`http://${String(host)}${url}`, {
        method,
        headers: given,
        signal,
        ...(bodyless ? {} : { body: new Uint8Array(body) }),
      }),
    ),
  );
  // Once its head is sent, it could only be cut.
  if (answer.bodyUsed === true || answer.body?.locked === true)
    throw new Error('it returned a Response whose body somebody has read already; return a new one for each request');
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  if (answer.body === null) {
    response.end();
    return;
  }
  await pipeline(Readable.fromWeb(answer.body as Parameters<typeof Readable.fromWeb>[0]), response);
}

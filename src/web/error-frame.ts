/**
 * How a stream of server-sent events says that it has failed, so that its reader throws: stock clients take a stream that
 * only ends for whole.
 */
import type { Deadline } from '../base/deadline';
import type { HttpRequest } from './http-request';
import type { StreamingFailure } from './web-options';

/** What clients are told: the deadline, or any other failure. */
export const failureAt = ({ hasPassed }: Deadline): StreamingFailure & { readonly status: number } =>
  hasPassed()
    ? { status: 504, code: 'DeadlineExceeded', message: 'The function ran out of time' }
    : { status: 500, code: 'StreamFailed', message: 'The function failed' };

const event = (type: string, data: object): string => `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;

/**
 * The events for the client that sent `body`. One event serves the AI SDK (`type`, `errorText`), OpenAI's clients
 * (`error`) and Anthropic's (the name `error`); AG-UI and MCP clients skip it and get one of their own.
 */
export function errorFrame({ code, message }: StreamingFailure, body: HttpRequest['body']): string {
  const error = { type: 'api_error', message };
  // The blank line ends an event that is half written.
  return `\n\n${event('error', { type: 'error', errorText: message, code, message, error })}${requestsIn(body)
    .map(({ jsonrpc, id, runId }) => {
      if (jsonrpc && id !== undefined) return event('message', { jsonrpc, id, error: { code: -32603, message } });
      return runId ? event('message', { type: 'RUN_ERROR', message, code }) : '';
    })
    .join('')}`;
}

/** What the body asks for: JSON-RPC requests, alone or in a batch, or an AG-UI run. */
function requestsIn(body: HttpRequest['body']): readonly Record<string, unknown>[] {
  try {
    return [JSON.parse(String(body))].flat().map(Object);
  } catch {
    // No JSON, and none of those clients.
    return [];
  }
}

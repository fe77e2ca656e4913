/** Writes a service error the way Lambda's REST-JSON protocol does. */
import type { ServerResponse } from 'node:http';
import type { ServiceError } from '../errors';

/** Exceptions whose modelled member is `Message`; all others say `message`. */
const UPPER_CASE_MESSAGE = new Set(['ResourceNotFoundException', 'ServiceException', 'AccessDeniedException']);

export function writeErrorResponse(response: ServerResponse, error: ServiceError, requestId: string): void {
  const { message, members, retryAfterSeconds, statusCode, type } = error;
  const body = JSON.stringify({ ...members, [UPPER_CASE_MESSAGE.has(type) ? 'Message' : 'message']: message });
  response.writeHead(statusCode, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
    'x-amzn-RequestId': requestId,
    'x-amzn-ErrorType': type,
    ...(retryAfterSeconds === undefined ? {} : { 'Retry-After': String(retryAfterSeconds) }),
  });
  response.end(body);
}

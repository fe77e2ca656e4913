/** The answer of an operation of Lambda that is one JSON value. */
import type { LambdaCall } from './lambda-call';

export function answerJson({ requestId, response }: LambdaCall, body: unknown, statusCode = 200): void {
  const text = JSON.stringify(body);
  response.writeHead(statusCode, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
    'x-amzn-RequestId': requestId,
  });
  response.end(text);
}

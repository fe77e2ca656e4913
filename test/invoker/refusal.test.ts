/** Refusals whose body is not what the SDK expects: endless, stalled, broken, or a page of something before Lambda. */
import { streamContract } from 'cdk-lambda-streaming/contract';
import { type StreamInvokerOptions, streamInvoker } from 'cdk-lambda-streaming/invoker';
import { rejection } from './read-stream';
import { type Answer, REQUEST_ID, useWireServer } from './wire-server';

const text = streamContract({ format: 'text' });

const wire = useWireServer();

const until = async (condition: () => boolean) => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
};

const refused = (options: Partial<StreamInvokerOptions> = {}, signal?: AbortSignal) => {
  const all = { functionName: 'f', client: wire.client(), retry: false, ...options } as StreamInvokerOptions;
  return rejection(streamInvoker(text, all).invoke({}, { signal }));
};

const AWS = { 'content-type': 'application/json', 'x-amzn-requestid': REQUEST_ID };

/** Headers and the beginning of a body, and then nothing more. */
const stalled =
  (status: number, headers: Record<string, string>, body: string): Answer =>
  (response) => {
    response.writeHead(status, headers).write(body);
  };

describe('a refusal without an end', () => {
  const denied = stalled(
    403,
    { ...AWS, 'x-amzn-errortype': 'AccessDeniedException' },
    '{"Message":"User: arn:aws:iam::1:user/u is not authorized to perform: lambda:InvokeFunction',
  );
  const expected = {
    code: 'ACCESS_DENIED',
    principal: 'arn:aws:iam::1:user/u',
    action: 'lambda:InvokeFunction',
    invoked: 'no',
    phase: 'request',
    retryable: false,
    requestId: REQUEST_ID,
    message: expect.stringContaining('AccessDeniedException'),
  };

  test('that stalls is told by what has come, and its connection closed', async () => {
    wire.answer(denied);
    expect(await refused()).toMatchObject(expected);
    await until(() => wire.open.size === 0);
    expect(wire.dropped).toBe(1);
  });

  test.each(['headersMs', 'totalMs'])('is no silence: %s runs out, and the refusal is told', async (clock) => {
    wire.answer(denied);
    expect(await refused({ timeouts: { [clock]: 400 } })).toMatchObject(expected);
    await until(() => wire.open.size === 0);
  });

  test('is not waited for where the caller aborts', async () => {
    const control = new AbortController();
    wire.answer((response, request) => {
      void denied(response, request);
      setTimeout(() => control.abort('enough'), 30);
    });
    expect(await refused({}, control.signal)).toMatchObject({ code: 'ABORTED', cause: 'enough' });
    await until(() => wire.open.size === 0);
  });

  test('that goes on for ever is read no further than its beginning', async () => {
    let written = 0;
    wire.answer((response) => {
      response.writeHead(503, AWS);
      const piece = Buffer.alloc(65_536, 'x');
      const write = () => {
        while (!response.destroyed && written < 256 * 1024 * 1024) {
          written += piece.length;
          if (!response.write(piece)) return void response.once('drain', write);
        }
      };
      write();
    });
    expect(await refused()).toMatchObject({ code: 'SERVICE', errorName: 'HTTP 503', statusCode: 503, retryable: true });
    await until(() => wire.open.size === 0);
    // What the kernel keeps on its way is not read by anyone.
    expect(written).toBeLessThan(64 * 1024 * 1024);
  });
});

describe('an answer that is not Lambda’s', () => {
  const page = (status: number, body: string, headers: Record<string, string> = {}): Answer => {
    return (response) => void response.writeHead(status, { 'content-type': 'text/html', ...headers }).end(body);
  };

  test.each<[string, Answer, object]>([
    [
      'a page of a proxy that is overloaded',
      page(503, '<html><title>503 Backend fetch failed</title><body>long'),
      {
        code: 'SERVICE',
        errorName: 'HTTP 503',
        statusCode: 503,
        invoked: 'maybe',
        retryable: true,
        message:
          "[SERVICE] HTTP 503: 503 Backend fetch failed; the answer does not look like Lambda's: is there a proxy, or another endpoint?",
      },
    ],
    [
      'a page of a proxy that refuses',
      page(403, '<html><body><h1>Blocked</h1> by policy</body></html>'),
      { code: 'ACCESS_DENIED', invoked: 'no', message: expect.stringContaining('HTTP 403: Blocked by policy;') },
    ],
    [
      'a redirect',
      page(301, '', { location: 'https://elsewhere.example/' }),
      {
        code: 'SERVICE',
        errorName: 'Redirect',
        statusCode: 301,
        invoked: 'no',
        retryable: false,
        message: expect.stringContaining('HTTP 301: redirected to https://elsewhere.example/;'),
      },
    ],
    [
      'a page with a status that does not pass',
      page(501, 'no'),
      { code: 'SERVICE', errorName: 'HTTP 501', retryable: false },
    ],
    [
      'nothing but a status',
      (response) => void response.writeHead(502).end(),
      { code: 'SERVICE', errorName: 'HTTP 502', message: expect.stringContaining('HTTP 502; the answer') },
    ],
    [
      'JSON of a proxy',
      (response) => void response.writeHead(500, AWS).end('{"message":"upstream"}'),
      { code: 'SERVICE', errorName: 'HTTP 500', message: expect.stringContaining('HTTP 500: upstream;') },
    ],
    [
      'a page before an error of AWS',
      page(404, '<title>gone</title>', { 'x-amzn-errortype': 'ResourceNotFoundException' }),
      { code: 'NOT_FOUND', message: '[NOT_FOUND] ResourceNotFoundException: gone' },
    ],
    [
      'a body that breaks',
      (response) => {
        response.writeHead(503, AWS).write('{"mess');
        setTimeout(() => response.socket?.resetAndDestroy(), 30);
      },
      { code: 'SERVICE', statusCode: 503, invoked: 'maybe' },
    ],
  ])('%s is told with its status', async (_, answer, expected) => {
    wire.answer(answer);
    expect(await refused()).toMatchObject({ phase: 'request', ...expected });
    expect(wire.requests).toHaveLength(1);
  });

  test('that throttles says when to come back, in seconds or by date', async () => {
    const waits: unknown[] = [];
    for (const value of ['7', '0.5', new Date(Date.now() + 3_600_000).toUTCString(), 'soon', '-5']) {
      wire.answer(page(429, 'slow', { 'retry-after': value }));
      waits.push(((await refused()) as { retryAfterMs?: number }).retryAfterMs);
    }
    expect(waits).toEqual([7_000, 500, expect.any(Number), undefined, 0]);
    expect(waits[2]).toBeGreaterThan(3_500_000);
    expect(waits[2]).toBeLessThanOrEqual(3_600_000);
  });
});

/** A route that passes a function's stream on to its own clients, by `pipeTo()` and by `toResponse()`; read by a fetcher behind it. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { streamContract } from 'cdk-lambda-streaming/contract';
import { isStreamError, type StreamError, streamFetcher } from 'cdk-lambda-streaming/fetcher';
import { streamInvoker } from 'cdk-lambda-streaming/invoker';
import { z } from 'zod';
import { encodePrelude } from '../../../src/wire/http-prelude';
import { invokeComplete, payloadChunk, rejection } from '../../invoker/read-stream';
import { type Answer, endless, stream, until, useWireServer } from '../../invoker/wire-server';

const wire = useWireServer();
const contract = streamContract({
  format: 'ndjson',
  chunk: z.object({ token: z.string() }),
  error: z.object({ quota: z.number() }),
});
const token = (text: string) => payloadChunk(`${JSON.stringify({ token: text })}\n`);
const marker = (kind: string, body: object) => payloadChunk(`${JSON.stringify({ $stream: { [kind]: body } })}\n`);
const quota = { type: 'QuotaExceeded', message: 'none left', data: { quota: 7 }, retryable: true, statusCode: 429 };

type Pass = (response: ServerResponse) => Promise<unknown>;
const invoke = () => streamInvoker(contract, { functionName: 'f', client: wire.client() }).invoke({});

/** What each way of passing on ended with, for the server's own log. */
let ends: unknown[] = [];
const WAYS: Record<string, Pass> = {
  'pipeTo()': async (response) => {
    ends.push(await (await invoke()).pipeTo(response));
  },
  'toResponse()': async (response) => {
    const passed = await (await invoke()).toResponse();
    response.writeHead(passed.status, [...passed.headers].flat());
    await pipeline(Readable.fromWeb(passed.body as never), response).catch((error) => ends.push(error));
  },
};

const servers: Server[] = [];
afterEach(async () => {
  ends = [];
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function route(pass: Pass): Promise<string> {
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    request.resume();
    // As a framework does: an error of the route, while nothing is sent, is answered.
    pass(response).catch(() => response.writeHead(500).end('route failed'));
  };
  const server = createServer(onRequest);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

async function readBehind(pass: Pass, answer: Answer): Promise<{ chunks: unknown[]; error: unknown; status?: number }> {
  wire.answer(answer);
  const url = await route(pass);
  const chunks: unknown[] = [];
  let status: number | undefined;
  try {
    const read = await streamFetcher(contract, { url, sign: 'none', retry: false }).invoke({});
    status = (await read.http)?.statusCode;
    for await (const chunk of read) chunks.push(chunk);
  } catch (error) {
    return { chunks, error, status };
  }
  return { chunks, error: undefined, status };
}

describe.each(Object.entries(WAYS))('through %s', (_, pass) => {
  test('a whole stream is whole behind it', async () => {
    const answer = stream([token('a'), token('b'), marker('end', { chunks: 2 }), invokeComplete()]);
    const behind = await readBehind(pass, answer);
    expect(behind).toEqual({ chunks: [{ token: 'a' }, { token: 'b' }], error: undefined, status: 200 });
  });

  test('status, headers and every cookie of the function are those behind it', async () => {
    const cookies = ['a=1; Path=/', 'b=2'];
    const type = { 'content-type': 'application/x-ndjson' };
    const head = payloadChunk(encodePrelude({ statusCode: 202, headers: { ...type, 'x-a': '1' }, cookies }));
    const headers = { 'x-amzn-remapped-content-type': 'application/vnd.awslambda.http-integration-response' };
    wire.answer(stream([head, token('a'), marker('end', { chunks: 1 }), invokeComplete()], { headers }));
    const response = await fetch(await route(pass));
    expect([response.status, response.headers.get('x-a')]).toEqual([202, '1']);
    expect(response.headers.getSetCookie()).toEqual(cookies);
    expect(await response.text()).toContain('"token":"a"');
  });

  test('a typed error in the middle arrives with type, data and retryable', async () => {
    const behind = await readBehind(pass, stream([token('a'), marker('error', quota), invokeComplete()]));
    expect(behind.chunks).toEqual([{ token: 'a' }]);
    expect(behind.status).toBe(200);
    const { error } = behind;
    expect(isStreamError(error, 'REMOTE', contract) && error.data?.quota).toBe(7);
    expect(error).toMatchObject({ errorType: 'QuotaExceeded', errorMessage: 'none left', retryable: true, chunks: 1 });
  });

  test('a typed error before the first chunk arrives with its status', async () => {
    const behind = await readBehind(pass, stream([marker('error', quota), invokeComplete()]));
    expect(behind).toMatchObject({ chunks: [], status: 429, error: { code: 'REMOTE', data: { quota: 7 } } });
  });

  test('an error of a handler that names no status is a 500, also where the function answered 200', async () => {
    const failure = marker('error', { type: 'TypeError', message: 'x is undefined' });
    const head = payloadChunk(encodePrelude({ statusCode: 200, headers: { 'content-type': 'application/x-ndjson' } }));
    const headers = { 'x-amzn-remapped-content-type': 'application/vnd.awslambda.http-integration-response' };
    const expected = { chunks: [], status: 500, error: { code: 'REMOTE', errorType: 'TypeError' } };
    expect(await readBehind(pass, stream([failure, invokeComplete()]))).toMatchObject(expected);
    expect(await readBehind(pass, stream([head, failure, invokeComplete()], { headers }))).toMatchObject(expected);
  });

  test('an error marker without a line break, cut into bytes, is passed on like any other', async () => {
    const text = JSON.stringify({ $stream: { error: quota } });
    const bytes = [...text].map((character) => payloadChunk(character));
    const behind = await readBehind(pass, stream([token('a'), ...bytes, invokeComplete()]));
    expect(behind).toMatchObject({ chunks: [{ token: 'a' }], error: { code: 'REMOTE', data: { quota: 7 } } });
  });

  test('a crash after the first chunk breaks the connection', async () => {
    const behind = await readBehind(pass, stream([token('a'), invokeComplete()]));
    expect(behind).toMatchObject({ chunks: [{ token: 'a' }], error: { code: 'TRANSPORT' } });
    await until(() => ends.length === 1);
    expect(ends[0]).toMatchObject({ code: 'TRUNCATED', chunks: 1 });
  });

  test('a crash before the first byte is the route’s to answer: nothing is sent yet', async () => {
    const behind = await readBehind(pass, stream([invokeComplete()]));
    expect(behind).toMatchObject({ error: { code: 'SERVICE', statusCode: 500 } });
  });

  test('a client that leaves ends the reading', async () => {
    wire.answer(endless(token('x'.repeat(1_000))));
    const read = await streamFetcher(contract, { url: await route(pass), sign: 'none' }).invoke({});
    for await (const chunk of read) {
      expect(chunk).toHaveProperty('token');
      break;
    }
    await until(() => wire.dropped === 1);
  });
});

test('pipeTo() gives the error that it passed on, and undefined for a whole stream', async () => {
  await readBehind(WAYS['pipeTo()'] as Pass, stream([token('a'), marker('error', quota), invokeComplete()]));
  await readBehind(WAYS['pipeTo()'] as Pass, stream([marker('end', { chunks: 0 }), invokeComplete()]));
  expect(ends).toMatchObject([{ code: 'REMOTE', errorType: 'QuotaExceeded', chunks: 1 }, undefined]);
});

test('the result of a stream that was passed on is its error, and the hooks are told', async () => {
  wire.answer(stream([token('a'), marker('error', quota), invokeComplete()]));
  const told: (StreamError | undefined)[] = [];
  const hooks = { onEnd: ({ error }: { error?: StreamError | undefined }) => void told.push(error) };
  const read = await streamInvoker(contract, { functionName: 'f', client: wire.client(), hooks }).invoke({});
  const passed = await read.toResponse();
  expect(await passed.text()).toContain('QuotaExceeded');
  expect(await rejection(read.result)).toMatchObject({ code: 'REMOTE', data: { quota: 7 } });
  expect(told).toMatchObject([{ code: 'REMOTE' }]);
});

test('payload() counts the chunks that it passes on', async () => {
  wire.answer(stream([token('a'), token('b'), invokeComplete()]));
  const read = await invoke();
  const error = await rejection(read.text());
  expect(error).toMatchObject({ code: 'TRUNCATED', chunks: 2 });
});

test('a slow client holds the function back', async () => {
  const answer = endless(token('x'.repeat(10_000)));
  wire.answer(answer);
  const url = await route(WAYS['pipeTo()'] as Pass);
  const response = await fetch(url);
  const reader = response.body?.getReader();
  await reader?.read();
  let written = -1;
  for (let look = 0; written !== answer.written && look < 50; look++) {
    written = answer.written;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect(answer.written).toBe(written);
  expect(written).toBeLessThan(16 * 1024 * 1024);
  await reader?.cancel();
  await until(() => wire.dropped === 1);
});

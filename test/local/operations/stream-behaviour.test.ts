import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { InvokeCommand, InvokeWithResponseStreamCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { Fault } from '../../../src/local/operations/invocation-options';
import { type LocalLambda, type LocalLambdaOptions, startLocalLambda, streamOf } from './local-lambda';

// A guard against hanging on a busy machine, not a measure.
const running: LocalLambda[] = [];
afterAll(() => Promise.all(running.map((lambda) => lambda.stop())));

async function start(options: LocalLambdaOptions = {}): Promise<LocalLambda> {
  const lambda = await startLocalLambda(options);
  running.push(lambda);
  return lambda;
}

async function open(client: LambdaClient, FunctionName: string, event: unknown = {}, signal?: AbortSignal) {
  const Payload = Buffer.from(JSON.stringify(event));
  const output = await client.send(new InvokeWithResponseStreamCommand({ FunctionName, Payload }), {
    abortSignal: signal,
  });
  if (output.EventStream === undefined) throw new Error('no event stream');
  return output.EventStream[Symbol.asyncIterator]();
}

async function waitForFile(file: string): Promise<string> {
  // A file exists a moment before its content does.
  const text = () => (existsSync(file) ? readFileSync(file, 'utf8') : '');
  while (text() === '') await new Promise((resolve) => setTimeout(resolve, 5));
  return text();
}

test('each write becomes one payload chunk, empty and multi-byte ones included', async () => {
  const lambda = await start();
  const { functionName } = lambda.define(`export const handler = awslambda.streamifyResponse(async (event, stream) => {
    for (let i = 0; i < 50; i++) { stream.write('é' + i + ' '); await new Promise((r) => setImmediate(r)); }
    stream.end();
  });`);
  const { chunks } = await streamOf(lambda.client, { FunctionName: functionName });
  expect(chunks).toEqual(Array.from({ length: 50 }, (_, i) => `é${i} `));
});

test('a handler that writes nothing streams nothing and succeeds', async () => {
  const lambda = await start();
  const { functionName } = lambda.define(
    'export const handler = awslambda.streamifyResponse(async (event, stream) => stream.end());',
  );
  const outcome = await streamOf(lambda.client, { FunctionName: functionName });
  expect(outcome.chunks).toEqual([]);
  expect(outcome.logTail).toMatch(/^REPORT .*\t\n$/m);
});

test('a buffered handler arrives as one chunk of JSON', async () => {
  const lambda = await start();
  const { functionName } = lambda.define('export const handler = async () => ({ ok: true });');
  expect((await streamOf(lambda.client, { FunctionName: functionName })).chunks).toEqual(['{"ok":true}']);
});

test('a buffered handler stays within the limit of a buffered response', async () => {
  const lambda = await start({ errorReporting: 'trailers' });
  const { functionName } = lambda.define('export const handler = async (length) => "x".repeat(length);');
  const fits = await streamOf(lambda.client, { FunctionName: functionName, event: 6_291_554 });
  expect(fits.text.length).toBe(6_291_556);
  const larger = await streamOf(lambda.client, { FunctionName: functionName, event: 6_291_555 });
  expect(larger).toMatchObject({ text: '', errorCode: 'Function.ResponseSizeTooLarge' });
});

test('the content type of the function is in the raw header, its prelude in the payload', async () => {
  const lambda = await start();
  const { functionName } = lambda.define(`export const handler = awslambda.streamifyResponse(async (event, stream) => {
    const http = awslambda.HttpResponseStream.from(stream, { statusCode: 201 });
    http.write('body'); http.end();
  });`);
  const headers: Record<string, string> = {};
  const client = lambda.newClient();
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      Object.assign(headers, (result.response as { headers: Record<string, string> }).headers);
      return result;
    },
    { step: 'deserialize', priority: 'low' },
  );
  const { text } = await streamOf(client, { FunctionName: functionName });
  expect(text).toBe(`{"statusCode":201}${'\0'.repeat(8)}body`);
  expect(headers).toMatchObject({
    'content-type': 'application/vnd.amazon.eventstream',
    'x-amzn-remapped-content-type': 'application/vnd.awslambda.http-integration-response',
    'x-amz-executed-version': '$LATEST',
    'x-amzn-requestid': expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
});

test('DryRun and Event run the function, as observed, or DryRun answers 204, as documented', async () => {
  const source = 'export const handler = awslambda.streamifyResponse(async (e, s) => { s.write("ran"); s.end(); });';
  const observed = await start();
  const { functionName } = observed.define(source);
  expect((await streamOf(observed.client, { FunctionName: functionName, InvocationType: 'DryRun' })).text).toBe('ran');
  const InvocationType = 'Event' as 'DryRun'; // the types of the SDK leave it out
  expect((await streamOf(observed.client, { FunctionName: functionName, InvocationType })).text).toBe('ran');
  const documented = await start({ streamingDryRun: 'documented' });
  const FunctionName = documented.define(source).functionName;
  const output = await documented.client.send(
    new InvokeWithResponseStreamCommand({ FunctionName, InvocationType: 'DryRun' }),
  );
  expect(output.StatusCode).toBe(204);
  expect(documented.logs).toEqual([]);
});

test('a slow reader slows the handler down', async () => {
  const lambda = await start();
  const file = join(lambda.folder, 'written');
  const { functionName } = lambda.define(`
    import { writeFileSync } from 'node:fs';
    export const handler = awslambda.streamifyResponse(async (event, stream) => {
      let written = 0;
      const block = Buffer.alloc(65536);
      stream.on('drain', () => {});
      for (let i = 0; i < 800; i++) {
        written += block.length;
        if (!stream.write(block)) {
          writeFileSync(event.file + '.tmp', '');
          const stuck = setTimeout(() => writeFileSync(event.file, String(written)), 300);
          await new Promise((resolve) => stream.once('drain', resolve));
          clearTimeout(stuck);
        }
      }
      stream.end();
    });`);
  const iterator = await open(lambda.client, functionName, { file });
  await iterator.next();
  // Written by the handler when it has waited for the reader for a while.
  const writtenBeforeReading = Number(await waitForFile(file));
  expect(writtenBeforeReading).toBeLessThan(32 * 1_048_576);
  let received = 65_536;
  for (let part = await iterator.next(); !part.done; part = await iterator.next()) {
    received += part.value.PayloadChunk?.Payload?.length ?? 0;
  }
  expect(received).toBeGreaterThanOrEqual(800 * 65_536);
});

test('a caller that leaves does not stop the function, and its environment is used again', async () => {
  const lambda = await start();
  const gate = join(lambda.folder, 'gate');
  const finished = join(lambda.folder, 'finished');
  const { functionName } = lambda.define(`
    import { existsSync, writeFileSync } from 'node:fs';
    let calls = 0;
    export const handler = awslambda.streamifyResponse(async (event, stream) => {
      calls += 1;
      stream.write(String(calls));
      while (event.gate && !existsSync(event.gate)) await new Promise((r) => setTimeout(r, 5));
      for (let i = 0; event.gate && i < 200; i++) if (!stream.write(Buffer.alloc(65536))) await new Promise((r) => stream.once('drain', r));
      stream.end();
      if (event.finished) writeFileSync(event.finished, 'done');
    });`);
  const abort = new AbortController();
  const iterator = await open(lambda.client, functionName, { gate, finished }, abort.signal);
  await iterator.next();
  abort.abort();
  await expect(iterator.next()).rejects.toThrow();
  writeFileSync(gate, '');
  expect(await waitForFile(finished)).toBe('done');
  while (!lambda.logs.some(({ message }) => message.startsWith('REPORT'))) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect((await streamOf(lambda.client, { FunctionName: functionName })).text).toBe('2');
});

test('a caller that leaves before the first byte does not stop the function either', async () => {
  const lambda = await start();
  const started = join(lambda.folder, 'started');
  const gate = join(lambda.folder, 'open-gate');
  const { functionName } = lambda.define(`
    import { existsSync, writeFileSync } from 'node:fs';
    export const handler = awslambda.streamifyResponse(async (event, stream) => {
      writeFileSync(event.started, 'yes');
      while (!existsSync(event.gate)) await new Promise((r) => setTimeout(r, 5));
      for (let i = 0; i < 200; i++) if (!stream.write(Buffer.alloc(65536))) await new Promise((r) => stream.once('drain', r));
      stream.end();
      console.log('wrote everything');
    });`);
  const abort = new AbortController();
  const opened = open(lambda.client, functionName, { started, gate }, abort.signal);
  await waitForFile(started);
  abort.abort();
  await expect(opened).rejects.toThrow();
  // The server has noticed when a request that was sent later is answered.
  await expect(streamOf(lambda.client, { FunctionName: 'missing' })).rejects.toThrow('not found');
  writeFileSync(gate, '');
  while (!lambda.logs.some(({ message }) => message.includes('wrote everything'))) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
});

test('200 MiB and one byte arrive, the rest is dropped and the stream ends like a complete one', async () => {
  const lambda = await start();
  const { functionName } = lambda.define(
    `
    export const handler = awslambda.streamifyResponse(async (event, stream) => {
      const block = Buffer.alloc(1048576);
      for (let i = 0; i < 201; i++) if (!stream.write(block)) await new Promise((r) => stream.once('drain', r));
      stream.end();
      console.log('wrote everything');
    });`,
    { memoryMb: 512 },
  );
  const output = await lambda.client.send(
    new InvokeWithResponseStreamCommand({ FunctionName: functionName, LogType: 'Tail' }),
  );
  let bytes = 0;
  let complete: { ErrorCode?: string; LogResult?: string } | undefined;
  for await (const part of output.EventStream ?? []) {
    bytes += part.PayloadChunk?.Payload?.length ?? 0;
    complete ??= part.InvokeComplete;
  }
  expect(bytes).toBe(209_715_201);
  expect(complete?.ErrorCode).toBeUndefined();
  expect(Buffer.from(complete?.LogResult ?? '', 'base64').toString()).toContain('wrote everything');
});

test('a capped stream takes its time after 6 MiB, and a caller that leaves frees the function at once', async () => {
  const lambda = await start({ capBandwidth: true });
  const { functionName } = lambda.define(`
    export const handler = awslambda.streamifyResponse(async (event, stream) => {
      for (let i = 0; i < event.blocks; i++) {
        if (i === event.pauseAt) await new Promise((r) => setTimeout(r, 400));
        if (!stream.write(Buffer.alloc(65536))) await new Promise((r) => stream.once('drain', r));
      }
      stream.end();
      console.log('wrote everything');
    });`);
  const started = performance.now();
  const { text } = await streamOf(lambda.client, { FunctionName: functionName, event: { blocks: 104, pauseAt: 97 } });
  expect(text.length).toBe(104 * 65_536);
  // Half a mebibyte more than is free cannot arrive in less than a quarter of a second, but for two blocks, and a pause saves nothing up.
  expect(performance.now() - started).toBeGreaterThan(400 + 180);

  const abort = new AbortController();
  const iterator = await open(lambda.client, functionName, { blocks: 1_000 }, abort.signal);
  for (let bytes = 0; bytes < 7_000_000; ) {
    bytes += (await iterator.next()).value?.PayloadChunk?.Payload?.length ?? Number.POSITIVE_INFINITY;
  }
  abort.abort();
  // At 2 MiB per second the rest would take half a minute.
  const finished = () => lambda.logs.filter(({ message }) => message.includes('wrote everything')).length === 2;
  while (!finished()) await new Promise((resolve) => setTimeout(resolve, 5));
});

test('coalescing sends a small write with the next one, and all of them in the end', async () => {
  const lambda = await start({ coalescing: true });
  const { functionName } = lambda.define(`
    export const handler = awslambda.streamifyResponse(async (event, stream) => {
      for (const size of event) { stream.write('x'.repeat(size)); await new Promise((r) => setTimeout(r, 20)); }
      stream.end();
    });`);
  const sizes = async (event: readonly number[]) => {
    const iterator = await open(lambda.client, functionName, event);
    const found: number[] = [];
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
      const length = next.value.PayloadChunk?.Payload?.length;
      if (length !== undefined) found.push(length);
    }
    return found;
  };
  expect(await sizes([10, 20, 30])).toEqual([30, 30]);
  expect(await sizes([16_384, 5, 16_384])).toEqual([16_384, 16_389]);
});

test('rechunking keeps the bytes, moves the boundaries, repeats by seed and never holds back what a handler waits for', async () => {
  const source = `
    import { existsSync } from 'node:fs';
    export const handler = awslambda.streamifyResponse(async (event, stream) => {
      for (let i = 0; i < 40; i++) { stream.write('line ' + i + '\\n'); if (i % 10 === 0) await new Promise((r) => setTimeout(r, 5)); }
      stream.end();
    });`;
  const expected = Array.from({ length: 40 }, (_, i) => `line ${i}\n`);
  const lambda = await start({ rechunk: { seed: 7 } });
  const { functionName } = lambda.define(source);
  const { chunks, text } = await streamOf(lambda.client, { FunctionName: functionName });
  expect(text).toBe(expected.join(''));
  expect(chunks).not.toEqual(expected);
  expect(chunks.some((chunk) => expected.some((line) => line !== chunk && line.includes(chunk.trim())))).toBe(true);
});

describe('injected faults', () => {
  const LONG = `export const handler = awslambda.streamifyResponse(async (event, stream) => {
    stream.write('0123456789'); stream.write('abcdefghij'); stream.end();
  });`;

  async function withFault(fault: Fault, maxAttempts = 1) {
    const lambda = await start({ fault: ({ invocation }) => (invocation === 1 ? fault : undefined) });
    const { functionName } = lambda.define(LONG);
    const client = lambda.newClient({ maxAttempts });
    const chunks: string[] = [];
    let error: (Error & { code?: string }) | undefined;
    let completed = false;
    try {
      const output = await client.send(new InvokeWithResponseStreamCommand({ FunctionName: functionName }));
      for await (const part of output.EventStream ?? []) {
        if (part.PayloadChunk?.Payload) chunks.push(Buffer.from(part.PayloadChunk.Payload).toString());
        if (part.InvokeComplete) completed = true;
      }
    } catch (cause) {
      error = cause as Error;
    }
    return { text: chunks.join(''), error, completed, lambda, functionName };
  }

  test('disconnect after so many bytes', async () => {
    const { text, error } = await withFault({ disconnectAfterBytes: 13 });
    expect(text).toBe('0123456789abc');
    expect(error?.message).toMatch(/aborted|ECONNRESET/);
  });

  test('disconnect before the first byte', async () => {
    const { text, error } = await withFault({ disconnectAfterBytes: 0 });
    expect(text).toBe('');
    expect(error?.message).toMatch(/aborted|ECONNRESET|wrapper/);
  });

  test('an error in the middle of the stream, with its code and message', async () => {
    const { text, error } = await withFault({ exceptionAfterBytes: 5 });
    expect(text).toBe('01234');
    expect(error).toMatchObject({ name: 'ServiceException', message: 'Injected fault' });
  });

  test('a stream that is cut cleanly, which the SDK takes for complete', async () => {
    const { text, error, completed } = await withFault({ truncateAfterBytes: 10 });
    expect({ text, error, completed }).toEqual({ text: '0123456789', error: undefined, completed: false });
  });

  test('a throttled request can be retried, and never started the function', async () => {
    const { text, completed, lambda } = await withFault({ throttle: true }, 2);
    expect({ text, completed }).toEqual({ text: '0123456789abcdefghij', completed: true });
    expect(lambda.logs.filter(({ message }) => message.startsWith('START'))).toHaveLength(1);
  });

  test('a throttled buffered invoke is a TooManyRequestsException with its reason', async () => {
    const lambda = await start({ fault: () => ({ throttle: true, delayMs: 1 }) });
    const { functionName } = lambda.define(LONG);
    await expect(lambda.client.send(new InvokeCommand({ FunctionName: functionName }))).rejects.toMatchObject({
      name: 'TooManyRequestsException',
      message: 'Rate Exceeded.',
      Reason: 'ConcurrentInvocationLimitExceeded',
      retryAfterSeconds: '1',
    });
  });

  test('the environment survives a fault of the connection', async () => {
    const { lambda, functionName } = await withFault({ disconnectAfterBytes: 3 });
    expect((await streamOf(lambda.client, { FunctionName: functionName })).text).toBe('0123456789abcdefghij');
    expect(new Set(lambda.logs.map(({ requestId }) => requestId)).size).toBe(2);
  });
});

test('more invocations than may run at once are throttled; the next after them is not', async () => {
  const lambda = await start({ maxConcurrency: 1 });
  const gate = join(lambda.folder, 'gate');
  const { functionName } = lambda.define(`
    import { existsSync } from 'node:fs';
    export const handler = awslambda.streamifyResponse(async (event, stream) => {
      stream.write('x');
      while (!existsSync(event.gate)) await new Promise((r) => setTimeout(r, 5));
      stream.end();
    });`);
  const iterator = await open(lambda.client, functionName, { gate });
  await iterator.next();
  await expect(streamOf(lambda.client, { FunctionName: functionName, event: { gate } })).rejects.toMatchObject({
    name: 'TooManyRequestsException',
  });
  writeFileSync(gate, '');
  while (!(await iterator.next()).done);
  expect((await streamOf(lambda.client, { FunctionName: functionName, event: { gate } })).text).toBe('x');
});

test('a request that is never finished does not start anything', async () => {
  const lambda = await start();
  lambda.define('export const handler = async () => 1;', { functionName: 'unfinished' });
  await new Promise<void>((resolve) => {
    const path = '/2015-03-31/functions/unfinished/invocations';
    const outgoing = request({
      host: '127.0.0.1',
      port: lambda.port,
      method: 'POST',
      path,
      headers: { 'content-length': 10 },
    });
    outgoing.on('error', () => resolve());
    outgoing.write('{', () => outgoing.destroy());
  });
  expect(lambda.logs).toEqual([]);
});

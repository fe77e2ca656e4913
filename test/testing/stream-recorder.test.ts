/** Streams that are recorded and played again: what reads the replay cannot tell it from the function. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { streamContract } from 'cdk-lambda-streaming/contract';
import { streamFetcher, wholeFetch } from 'cdk-lambda-streaming/fetcher';
import { streamInvoker } from 'cdk-lambda-streaming/invoker';
import { replayStreams, StreamRecorder, type StreamReplay } from 'cdk-lambda-streaming/testing';
import fc from 'fast-check';
import { z } from 'zod';
import { createDeferred } from '../../src/base/promises';
import { readCassette, writeCassette } from '../../src/testing/cassette';
import type { RecordedStream } from '../../src/wire/cassette';
import { rejection } from '../invoker/read-stream';
import { type LocalLambda, startLocalLambda } from '../local/operations/local-lambda';
import { bundled } from '../web/support/web-function';
import { anyCharacter } from '../wire/any-character';

const counting = streamContract({
  format: 'ndjson',
  input: z.object({ fails: z.enum(['never', 'typed', 'exit']), says: z.string().optional() }),
  chunk: z.object({ word: z.string() }),
  final: z.object({ total: z.number() }),
});
const HANDLER = `import { unchecked } from './src/contract';
  const contract = streamContract({ format: 'ndjson', final: unchecked() });
  export const handler = streamHandler(contract, async function* ({ fails, says }, ctx) {
    console.log('counting');
    if (says) ctx.http({ statusCode: 201, headers: { 'x-says': says }, cookies: ['a=1', 'b=2'] });
    yield { word: 'é\\u0000' };
    yield { word: '語' };
    if (fails === 'typed') throw ctx.error('QuotaExceeded', 'no quota is left', { data: { quota: 7 } });
    if (fails === 'exit') process.exit(1);
    return { total: 2 };
  });`;

let folder: string;
let file: string;
let lambda: LocalLambda;
let functionName: string;
const replays: StreamReplay[] = [];

beforeAll(async () => {
  lambda = await startLocalLambda({ errorReporting: 'trailers' });
  functionName = lambda.define(bundled(HANDLER)).functionName;
});
afterAll(() => lambda.stop());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cassettes-'));
  file = join(folder, 'a.stream.jsonl');
});
afterEach(async () => {
  for (const replay of replays.splice(0)) await replay.stop();
  rmSync(folder, { recursive: true });
});

async function replay(speed = Number.POSITIVE_INFINITY): Promise<StreamReplay> {
  const started = await replayStreams(file, { speed });
  replays.push(started);
  return started;
}

const invoker = (options: object) => streamInvoker(counting, { functionName, logs: 'tail', ...options });

/** All that a reader learns, in a form that can be compared. */
async function learned(open: Promise<Awaited<ReturnType<ReturnType<typeof invoker>['invoke']>>>): Promise<object> {
  const stream = await open;
  const http = await stream.http;
  try {
    const { chunks, final, logTail } = await stream.collect();
    return { http, chunks, final, logTail };
  } catch (error) {
    const { code, errorType, errorMessage, data, where, chunks } = error as Readonly<Record<string, unknown>>;
    return { http, code, errorType, errorMessage, data, where, chunks };
  }
}

test.each([
  ['a whole stream', { fails: 'never' }],
  ['one with status, headers and cookies', { fails: 'never', says: 'hello' }],
  ["one that ends with the handler's error", { fails: 'typed' }],
  ['one whose function dies', { fails: 'exit' }],
] as const)('an invoker learns from the replay what it learned from the function: %s', async (_, input) => {
  const recorder = new StreamRecorder(file);
  const seen = await learned(
    invoker({ client: lambda.client })
      .invoke(input)
      .then((stream) => recorder.record(stream)),
  );
  await recorder.save();
  const { clientConfig, requests } = await replay();
  expect(await learned(invoker({ clientConfig }).invoke(input))).toEqual(seen);
  expect(requests).toEqual([input]);
});

test('a fetcher learns from the replay of an invocation what it would from the URL', async () => {
  const recorder = new StreamRecorder(file);
  for (const fails of ['never', 'typed', 'exit'] as const) {
    await learned(
      invoker({ client: lambda.client })
        .invoke({ fails })
        .then((stream) => recorder.record(stream)),
    );
  }
  await recorder.save();
  const fetcher = streamFetcher(counting, { url: (await replay()).url, sign: 'none' });
  const collect = async () => (await fetcher.invoke({ fails: 'never' })).collect();
  expect((await collect()).final).toEqual({ total: 2 });
  expect(await rejection(collect())).toMatchObject({ code: 'REMOTE', errorType: 'QuotaExceeded', data: { quota: 7 } });
  expect(await rejection(collect())).toMatchObject({ code: 'TRANSPORT' });
});

test('responses of fetch: status, headers, cookies, no body, and bytes that are no text', async () => {
  const answers = [
    new Response('{"a":1}\n', {
      status: 201,
      headers: [
        ['x-a', 'b'],
        ['set-cookie', 'a=1'],
        ['set-cookie', 'b=2'],
      ],
    }),
    new Response(null, { status: 204 }),
    new Response(Buffer.from([0xff, 0xfe, 0x00])),
  ];
  const recorder = new StreamRecorder(file);
  const recording = recorder.fetch(async () => answers.shift() ?? Response.error());
  const read = async (fetch: typeof globalThis.fetch, url: string) => {
    const response = await fetch(url);
    const { status, headers } = response;
    const bytes = Buffer.from(await response.arrayBuffer()).toString('hex');
    return { status, says: headers.get('x-a'), cookies: headers.getSetCookie(), bytes };
  };
  const seen = [];
  for (let n = 0; n < 3; n++) seen.push(await read(recording, 'http://127.0.0.1/'));
  await recorder.save();
  const { url } = await replay();
  for (const one of seen) expect(await read(fetch, url)).toEqual(one);
  const refused = await fetch(url);
  expect([refused.status, await refused.text()]).toEqual([
    404,
    expect.stringContaining('holds 3 streams, and this was one'),
  ]);
});

test('a request more than there are streams is told to an invoker, and a dry run takes none', async () => {
  writeCassette(file, [{ ...EMPTY, end: { ms: 0, end: 'complete' } }]);
  const { clientConfig, requests } = await replay();
  const calls = streamInvoker(streamContract({ format: 'text' }), { functionName, clientConfig });
  expect(await calls.dryRun()).toEqual({ allowed: true });
  expect(await (await calls.invoke({})).text()).toBe('');
  expect(String(await rejection(calls.invoke({})))).toMatch(/NOT_FOUND.*a\.stream\.jsonl holds 1 streams/);
  expect(requests).toHaveLength(2);
});

test('pieces come no sooner than they were recorded, divided by the speed', async () => {
  const pieces = [0, 300].map((ms) => ({ ms, bytes: Buffer.from(`${ms}\n`) }));
  writeCassette(file, [{ ...EMPTY, pieces, end: { ms: 300, end: 'complete' } }]);
  const { url } = await replay(10);
  const before = performance.now();
  expect(await (await fetch(url)).text()).toBe('0\n300\n');
  expect(performance.now() - before).toBeGreaterThanOrEqual(29);
});

const EMPTY = { status: 200, headers: [['content-type', 'text/plain']], hasPrelude: false, pieces: [] } as const;

test('1,000 random streams come out byte by byte as they went in', async () => {
  const piece = fc.oneof(
    fc.string({ unit: anyCharacter }).map((text) => Buffer.from(text)),
    fc.uint8Array(),
  );
  const stream = fc.record({
    pieces: fc.array(
      piece.map((bytes) => ({ ms: 0, bytes })),
      { maxLength: 8 },
    ),
    end: fc.constantFrom('complete', 'broken'),
  });
  const streams: RecordedStream[] = fc
    .sample(stream, { numRuns: 1_000, seed: 11 })
    .map(({ pieces, end }) => ({ ...EMPTY, pieces, end: { ms: 0, end: end === 'broken' ? 'broken' : 'complete' } }));
  writeCassette(file, streams);
  const whole = ({ pieces }: RecordedStream) => Buffer.concat(pieces.map(({ bytes }) => bytes)).toString('hex');
  const expected = streams.map((one) => [whole(one), one.end.end]);
  expect(readCassette(file).map((one) => [whole(one), one.end.end])).toEqual(expected);

  const { url } = await replay();
  const again = join(folder, 'again.stream.jsonl');
  const recorder = new StreamRecorder(again);
  const recording = recorder.fetch();
  for (const _ of streams)
    await recording(url)
      .then((response) => response.arrayBuffer())
      .catch(() => undefined);
  await recorder.save();
  expect(readCassette(again).map((one) => [whole(one), one.end.end])).toEqual(expected);
});

test('a stream that is left is not recorded, which save() tells', async () => {
  const recorder = new StreamRecorder(file);
  const recording = recorder.fetch(async () => new Response('abc'));
  await (await recording('http://127.0.0.1/')).body?.cancel();
  expect(String(await rejection(recorder.save()))).toMatch(
    /left after 0 pieces; what is recorded must be read to its end/,
  );
});

test('streams are in the order of their requests, whoever answers first, and without those that nobody answered', async () => {
  const recorder = new StreamRecorder(file);
  const answers = [createDeferred<Response>(), createDeferred<Response>(), createDeferred<Response>()];
  const waiting = [...answers];
  const recording = recorder.fetch(() => waiting.shift()?.promise ?? Promise.reject());
  const bodies = answers.map(() => recording('http://127.0.0.1/').then((response) => response.text()));
  answers[2]?.resolve(new Response('third'));
  answers[1]?.reject(new TypeError('fetch failed'));
  answers[0]?.resolve(new Response('first'));
  expect((await Promise.allSettled(bodies)).map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    'fulfilled',
  ]);
  await recorder.save();
  const texts = readCassette(file).map(({ pieces }) => Buffer.concat(pieces.map(({ bytes }) => bytes)).toString());
  expect(texts).toEqual(['first', 'third']);
});

test('a file that cannot be written, one of two recorders, and what comes after the end are refused', async () => {
  for (const path of ['', 1, `${file}.d/x`, dirname(file)]) {
    const make = () => new StreamRecorder(path as string);
    expect(make).toThrow(
      /^new StreamRecorder\(\): path must be that of a file in a folder that can be written to, got /,
    );
    expect(make).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  }
  const [recorder, other] = [new StreamRecorder(file), new StreamRecorder(file)] as const;
  const recording = recorder.fetch(async () => new Response('abc'));
  await (await recording('http://127.0.0.1/')).text();
  await recorder.save();
  expect(String(await rejection(recording('http://127.0.0.1/')))).toMatch(/after save\(\) would not be in /);
  expect(String(await rejection(other.save()))).toMatch(/another recorder has written .* meanwhile/);
  await new StreamRecorder(file).save();
});

test('a body that nobody reads is told by save(), which would wait for ever', async () => {
  const recorder = new StreamRecorder(file);
  const response = await recorder.fetch(async () => new Response('abc'))('http://127.0.0.1/');
  expect(String(await rejection(recorder.save()))).toMatch(/nobody reads 1 of the bodies/);
  await response.text();
  await recorder.save();
});

test('a length that the function promised is in the replay as well, so that what was cut stays cut', async () => {
  const promise = { 'x-amzn-remapped-content-length': '100', 'x-amzn-requestid': 'r' };
  const recorder = new StreamRecorder(file);
  await recorder
    .fetch(async () => new Response('short', { headers: promise }))('http://a')
    .then((got) => got.text());
  await recorder.save();
  writeFileSync(
    file,
    `${readFileSync(file, 'utf8')}{"status":200,"headers":[["Content-Length","100"],["transfer-encoding","gzip"]]}\n{"ms":0,"end":"complete"}\n`,
  );
  const { url } = await replay();
  for (const bytes of [5, 0]) {
    const response = await wholeFetch()(url);
    expect(response.headers.get('x-amzn-requestid')).toBeNull();
    expect(String(await rejection(response.text()))).toMatch(
      `[TRUNCATED] the response ended before it was complete: ${bytes} of 100`,
    );
  }
});

test('headers of one name reach an invoker, and a byte order mark of an editor does not matter', async () => {
  const head = '{"status":201,"headers":[["vary","a"],["Vary","b"]]}';
  writeFileSync(file, `\uFEFF${head}\n{"ms":0,"end":"complete"}\n`);
  const { clientConfig } = await replay();
  const stream = await streamInvoker(streamContract({ format: 'text' }), { functionName, clientConfig }).invoke({});
  expect(await stream.http).toMatchObject({ statusCode: 201, headers: { vary: 'a, b' } });
  await stream.text();
});

test('a pause ends where the reader leaves', async () => {
  writeCassette(file, [{ ...EMPTY, end: { ms: 600_000, end: 'complete' } }]);
  const { url } = await replay(1);
  const before = timers();
  await (await fetch(url)).body?.cancel();
  for (let tries = 0; tries < 100 && timers() > before; tries++) await new Promise(setImmediate);
  expect(timers()).toBeLessThanOrEqual(before);
});

const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

describe('a file that is no cassette is refused with its line', () => {
  const HEAD = '{"status":200,"headers":[]}';
  test.each([
    ['', /a\.stream\.jsonl holds no stream/],
    ['nonsense', /:1: a stream begins with its head, .*got nonsense/],
    ['{"status":200,"headers":[["a"]]}', /:1: a stream begins with its head/],
    [`${HEAD}\n{"ms":1,"txt":"a"}`, /:2: a piece is .*got \{"ms":1,"txt":"a"\}/],
    [`${HEAD}\n{"ms":-1,"text":"a"}`, /:2: a piece is/],
    [`${HEAD}\n{"ms":1,"end":"good"}`, /:2: a piece is .*an end/],
    [`${HEAD}\n{"ms":1,"text":"a"}\n`, /its last stream has no end/],
    // Something would be lost, or could not be sent.
    [`${HEAD}\n{"ms":1,"base64":"a*b"}`, /:2: a piece is/],
    [`${HEAD}\n{"ms":1,"base64":"YWJ"}`, /:2: a piece is/],
    [`${HEAD}\n{"ms":1,"text":"a","base64":"YQ=="}`, /:2: a piece is/],
    [`${HEAD}\n{"ms":1,"text":"a","end":"complete"}`, /:2: a piece is/],
    [`${HEAD}\n{"ms":1,"end":"complete","errorCode":"X"}`, /:2: a piece is/],
    ['{"status":99,"headers":[]}', /:1: a stream begins with its head/],
    ['{"status":200,"headers":[["a b","c"]]}', /:1: a stream begins with its head/],
    ['{"status":200,"headers":[["a","b\\nc"]]}', /:1: a stream begins with its head/],
  ])('%j', async (text, message) => {
    writeFileSync(file, text);
    expect(String(await rejection(replayStreams(file)))).toMatch(message);
  });

  test.each([
    [{ speed: 0 }, /speed must be a number above 0, got 0/],
    [{ speed: '2' }, /speed must be a number above 0, got '2'/],
    [{ sped: 2 }, /'?sped'?.*speed/],
  ])('options %j are refused', async (options, message) => {
    expect(String(await rejection(replayStreams(file, options as { speed: number })))).toMatch(message);
  });
});

test('the file can be read: a line a piece, text as text', async () => {
  const recorder = new StreamRecorder(file);
  await (
    await recorder.fetch(async () => new Response('hé', { headers: { 'content-type': 'text/plain' } }))('http://a')
  ).text();
  await recorder.save();
  const [head, piece, end, ...rest] = readFileSync(file, 'utf8').split('\n');
  expect(head).toBe('{"status":200,"headers":[["content-type","text/plain"]]}');
  expect(piece).toMatch(/^\{"ms":[\d.]+,"text":"hé"\}$/);
  expect(end).toMatch(/^\{"ms":[\d.]+,"end":"complete"\}$/);
  expect(rest).toEqual(['']);
});

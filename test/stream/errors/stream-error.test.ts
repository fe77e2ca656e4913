import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { runInNewContext } from 'node:vm';
import { streamContract } from 'cdk-lambda-streaming/contract';
import { streamFetcher } from 'cdk-lambda-streaming/fetcher';
import { isStreamError, StreamError, type StreamErrorCode, streamInvoker } from 'cdk-lambda-streaming/invoker';
import { z } from 'zod';
import { repository } from '../../../package.json';
import { invokeComplete, payloadChunk, rejection } from '../../invoker/read-stream';
import { type Answer, serviceError, stream, useWireServer } from '../../invoker/wire-server';

/** The compiler refuses a list that lacks a code or has one too many. */
const CODES = Object.keys({
  INPUT_INVALID: true,
  CONFIG_INVALID: true,
  ACCESS_DENIED: true,
  NOT_FOUND: true,
  THROTTLED: true,
  REQUEST_TOO_LARGE: true,
  SERVICE: true,
  TRANSPORT: true,
  TIMEOUT: true,
  ABORTED: true,
  FUNCTION_ERROR: true,
  STREAM_EXCEPTION: true,
  TRUNCATED: true,
  CORRUPT: true,
  RESPONSE_TOO_LARGE: true,
  DECODE: true,
  CHUNK_INVALID: true,
  REMOTE: true,
} satisfies Record<StreamErrorCode, true>);

const page = readFileSync(join(__dirname, '..', '..', '..', 'docs', 'errors.md'), 'utf8');
const source = readFileSync(join(__dirname, '..', '..', '..', 'src', 'stream', 'errors', 'stream-error.ts'), 'utf8');

test('docs/errors.md explains every code, and no other', () => {
  const explained = [...page.matchAll(/^### ([A-Z_]+)$/gm)].map(([, code]) => code);
  expect(explained.sort()).toEqual([...CODES].sort());
});

test('docs/errors.md names every detail a code can carry', () => {
  const details = source.slice(
    source.indexOf('interface StreamErrorDetails'),
    source.indexOf('export type StreamErrorCode'),
  );
  const names = [...details.matchAll(/readonly (\w+)\??:/g)].map(([, name]) => name);
  expect(names.length).toBeGreaterThan(15);
  expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});

test('an error is recognised by its brand, by code, and across copies of the package', () => {
  const error = StreamError.of('TIMEOUT', 'late', { kind: 'idle', limitMs: 5 }, { phase: 'streaming', invoked: 'yes' });
  expect(isStreamError(error)).toBe(true);
  expect(isStreamError(error, 'TIMEOUT')).toBe(true);
  expect(isStreamError(error, 'ABORTED')).toBe(false);
  const foreign = runInNewContext(
    "Object.assign(new Error('x'), { code: 'TIMEOUT', [Symbol.for('cdk-lambda-streaming.StreamError')]: true })",
  );
  expect(foreign instanceof Error).toBe(false);
  expect(isStreamError(foreign, 'TIMEOUT')).toBe(true);
  for (const other of [undefined, null, 'TIMEOUT', new Error('x'), { code: 'TIMEOUT' }])
    expect(isStreamError(other)).toBe(false);
});

test('a message begins with its code, and an abort has the name the platform gives aborts', () => {
  const error = StreamError.of('ABORTED', 'stop', {}, { cause: 'why' });
  expect(error).toMatchObject({
    name: 'AbortError',
    message: '[ABORTED] stop',
    cause: 'why',
    chunks: 0,
    payloadBytes: 0,
  });
  expect(StreamError.of('NOT_FOUND', 'x', {}, {}).name).toBe('StreamError');
});

describe('a console and a test runner print the words of an error once', () => {
  const wire = useWireServer();
  const contract = streamContract({ format: 'ndjson', input: z.object({ n: z.unknown() }), chunk: z.number() });
  const invoke = (input: { n: unknown }) =>
    streamInvoker(contract, { functionName: 'f', client: wire.client(), retry: false }).invoke(input);
  const read = async (...answer: Answer[]) => {
    wire.answer(...answer);
    return (await invoke({ n: 1 })).collect();
  };
  const lines = (...texts: string[]) => stream([...texts.map((text) => payloadChunk(`${text}\n`)), invokeComplete()]);
  const why = 'because no identity-based policy allows the lambda:InvokeFunction action';
  const denial = `User: u is not authorized to perform: lambda:InvokeFunction on resource: f ${why}`;
  const denied = serviceError(403, 'AccessDeniedException', { Message: denial });
  const circular: { n: unknown } = { n: 1 };
  circular.n = circular;

  test.each<[string, StreamErrorCode, string, () => Promise<unknown>]>([
    ['a refusal', 'ACCESS_DENIED', why, () => read(denied)],
    [
      'a refusal through a URL',
      'ACCESS_DENIED',
      why,
      () => {
        wire.answer(denied);
        return streamFetcher(contract, { url: wire.endpoint, sign: 'none' }).invoke({ n: 1 });
      },
    ],
    ['an answer of a proxy', 'SERVICE', 'tea', () => read((response) => void response.writeHead(418).end('<p>tea'))],
    ['input that breaks the schema', 'INPUT_INVALID', 'does not keep the contract', () => invoke('x' as never)],
    ['input that is no JSON', 'INPUT_INVALID', 'BigInt', () => invoke({ n: 1n })],
    ['input with a circle', 'INPUT_INVALID', 'circular', () => invoke(circular)],
    ['a chunk that breaks the schema', 'CHUNK_INVALID', 'does not keep the contract', () => read(lines('"a"'))],
    ['a line that is no JSON', 'DECODE', 'is not JSON', () => read(lines('{'))],
    ['chunks that are missing', 'TRUNCATED', 'chunk', () => read(lines('1', '{"$stream":{"end":{"chunks":2}}}'))],
  ])('%s', async (_, code, words, call) => {
    const error = await rejection(call());
    expect(error).toMatchObject({ code, rawMessage: expect.stringContaining(words) });
    const { rawMessage } = error as StreamError;
    expect(inspect(error).split(rawMessage)).toHaveLength(2);
    // Test runners print the whole of a cause, too.
    expect(error).not.toHaveProperty('cause');
  });

  test('a cause that says more stays: where a toJSON() of the caller threw', async () => {
    const toJSON = () => {
      throw new Error('no JSON of me');
    };
    expect(await rejection(invoke({ n: { toJSON } }))).toMatchObject({
      code: 'INPUT_INVALID',
      rawMessage: 'the input must be JSON: no JSON of me',
      cause: { stack: expect.stringContaining('toJSON') },
    });
  });
});

test.each(CODES)('the trace of %s links to its explanation', (code) => {
  const { stack } = StreamError.of(code as 'ABORTED', 'words', {}, {});
  const [heading, link] = (stack ?? '').split('\n');
  expect(heading).toMatch(new RegExp(`^\\w+Error: \\[${code}\\] words$`));
  const { 1: url, 2: anchor } = /^ {4}see (https:\S+\/docs\/errors\.md)#(\S+)$/.exec(link ?? '') ?? [];
  expect(`${url?.replace('/blob/main/docs/errors.md', '')}.git`).toBe(repository.url);
  // As GitHub makes an anchor of a heading.
  expect([...page.matchAll(/^### (.+)$/gm)].map(([, title = '']) => title.toLowerCase())).toContain(anchor);
});

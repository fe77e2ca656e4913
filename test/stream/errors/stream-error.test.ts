import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { isStreamError, StreamError, type StreamErrorCode } from 'cdk-lambda-streaming/invoker';

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

/** What answers an invoke without being the contract's stream is told from a handler that broke off. */
import { type StreamContract, streamContract } from 'cdk-lambda-streaming/contract';
import { encodePrelude } from '../../../src/wire/http-prelude';
import { base64, call, invokeComplete, payloadChunk, utf8 } from '../../invoker/read-stream';
import { stream, useWireServer } from '../../invoker/wire-server';

const PRELUDE_TYPE = 'application/vnd.awslambda.http-integration-response';
const ndjson = streamContract({ format: 'ndjson' });
const sse = streamContract({ format: 'sse' });
const END = '{"$stream":{"end":{}}}\n';

const wire = useWireServer();

/** The error of a call that is answered with `payload`, under the content type that the function set. */
async function answered(contract: StreamContract, contentType: string, payload: string | Uint8Array, log?: string) {
  const end = invokeComplete(log === undefined ? {} : { LogResult: base64(log) });
  const headers = { 'x-amzn-remapped-content-type': contentType };
  wire.answer(stream([payloadChunk(payload), end], { headers, size: 9 }));
  return call(wire, contract);
}

test.each([
  [
    'JSON in one piece',
    ndjson,
    'application/json',
    '{"hello":1}',
    "application/json, not with a stream of format 'ndjson'",
  ],
  [
    'another format',
    sse,
    'application/x-ndjson',
    `{"a":1}\n${END}`,
    "application/x-ndjson, not with a stream of format 'sse'",
  ],
  ['a page', ndjson, 'text/html; charset=utf-8', '<p>', "text/html, not with a stream of format 'ndjson'"],
])('%s instead of the stream is a DECODE error that names both types', async (_, contract, type, payload, words) => {
  const { chunks, error } = await answered(contract, type, payload);
  expect(chunks).toEqual([]);
  expect(error).toMatchObject({ code: 'DECODE', kind: 'content-type', phase: 'end', invoked: 'yes', retryable: false });
  expect(error).toMatchObject({ excerpt: payload.trim().replace('\n', ' '), message: expect.stringContaining(words) });
});

describe('a contract without an end marker', () => {
  const text = streamContract({ format: 'text' });
  const failed = '1\n{"$stream":{"error":{"type":"X","message":"y"}}}\n';

  test.each([
    ['application/x-ndjson', failed],
    ['text/event-stream', 'data: 1\n\n'],
  ])('does not take a stream of %s for whole, whose mark it cannot read', async (type, payload) => {
    const { error } = await answered(text, type, payload);
    expect(error).toMatchObject({ code: 'DECODE', kind: 'content-type', phase: 'end' });
    expect(String(error)).toContain(`${type}, not with a stream of format 'text' (text/plain)`);
  });

  test('reads the type that it names itself', async () => {
    const headers = { 'content-type': 'text/event-stream' };
    const own = streamContract({ format: 'text', http: { headers } });
    expect(await answered(own, 'text/event-stream', 'data: 1\n\n')).toMatchObject({
      chunks: ['data: 1\n\n'],
    });
  });

  test.each(['text/plain', 'text/html', 'application/json', 'application/octet-stream'])('reads %s', async (type) => {
    const { error, chunks } = await answered(text, type, '{"statusCode":200}');
    expect(error).toBeUndefined();
    expect(chunks.join('')).toBe('{"statusCode":200}');
  });

  test('of format bytes reads whatever comes', async () => {
    const { error } = await answered(streamContract({ format: 'bytes' }), 'application/x-ndjson', failed);
    expect(error).toBeUndefined();
  });
});

test('behind an HTTP prelude the type is the one in its headers', async () => {
  const head = (type: string) => encodePrelude({ statusCode: 200, headers: { 'Content-Type': type } });
  const page = Buffer.concat([head('text/html'), utf8('<h1>hello</h1>')]);
  const { error } = await answered(ndjson, PRELUDE_TYPE, page);
  expect(error).toMatchObject({ code: 'DECODE', kind: 'content-type', excerpt: '<h1>hello</h1>' });
  expect(String(error)).toContain("text/html, not with a stream of format 'ndjson' (application/x-ndjson)");
  const brokeOff = await answered(ndjson, PRELUDE_TYPE, head('application/x-ndjson'));
  expect(brokeOff.error).toMatchObject({ code: 'TRUNCATED', where: 'marker' });
});

test.each([
  [
    'as JSON',
    'application/json',
    '{"statusCode":200,"headers":{"content-type":"text/event-stream"},"body":"data: 1\\n\\n"}',
  ],
  ['of no type', 'application/octet-stream', '{ "isBase64Encoded": false, "statusCode": 200, "body": "x" }'],
])('a proxy response in one piece, %s, names the wrapper that dropped the mark', async (_, type, payload) => {
  const { chunks, error } = await answered(sse, type, payload);
  expect(chunks).toEqual([]);
  expect(error).toMatchObject({ code: 'DECODE', kind: 'proxy-response', excerpt: payload.slice(0, 80) });
  expect(String(error)).toMatch(
    /proxy response in one piece.*a wrapper around its handler dropped the mark.*keepStreaming\(\)/,
  );
});

test('half a line that looks like a proxy response is one of the stream where the type is its own', async () => {
  const { error } = await answered(ndjson, 'application/x-ndjson', '{"statusCode":200');
  expect(error).toMatchObject({ code: 'TRUNCATED', where: 'marker' });
});

test.each([
  ['the type says nothing', 'application/octet-stream', '12', []],
  ['the type is the one of the format', 'application/x-ndjson', '12', []],
  ['the type has another name for the format', 'application/jsonl', '12', []],
  ['chunks have come', 'text/html', '1\n', [1]],
])('a handler that broke off is TRUNCATED where %s', async (_, type, payload, chunks) => {
  const reading = await answered(ndjson, type, payload);
  expect(reading.chunks).toEqual(chunks);
  expect(reading.error).toMatchObject({ code: 'TRUNCATED', where: 'marker' });
});

test('a function whose log tells of its failure has failed, whatever the type', async () => {
  const log = 't\tr\tERROR\tInvoke Error \t{"errorType":"Error","errorMessage":"boom","stack":[]}\n';
  const { error } = await answered(ndjson, 'application/json', '', log);
  expect(error).toMatchObject({ code: 'FUNCTION_ERROR', errorMessage: 'boom' });
});

test('a type of its own takes nothing from a stream that is whole', async () => {
  const withType = streamContract({
    format: 'ndjson',
    http: { headers: { 'Content-Type': 'application/vnd.a+json' } },
  });
  const foreign = streamContract({ format: 'ndjson', completion: 'platform' });
  expect(await answered(ndjson, 'application/json', `1\n${END}`)).toMatchObject({ chunks: [1] });
  expect(await answered(foreign, 'application/json', '{"a":1}')).toMatchObject({ chunks: [{ a: 1 }] });
  expect(await answered(streamContract({ format: 'text' }), 'text/html', '<p>')).toMatchObject({ result: {} });
  const brokeOff = await answered(withType, 'application/vnd.a+json', '12');
  expect(brokeOff.error).toMatchObject({ code: 'TRUNCATED', where: 'marker' });
});

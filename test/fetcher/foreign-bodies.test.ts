/** Responses of fetches that are not the platform's: React Native, node-fetch, mocks. */
import { Readable } from 'node:stream';
import { streamContract } from 'cdk-lambda-streaming/contract';
import { type FetchResponse, streamFetcher } from 'cdk-lambda-streaming/fetcher';
import { failureOf } from './support/door-server';

const url = 'https://x.example.com/';
const LINES = '1\n{"$stream":{"end":{"chunks":1}}}\n';
const headers = new Headers({ 'content-type': 'application/x-ndjson' });
const open = (response: Partial<FetchResponse>) => {
  const fetch = async () => ({ status: 200, headers, ...response }) as FetchResponse;
  return streamFetcher(streamContract({ format: 'ndjson' }), { url, sign: 'none', fetch }).invoke({});
};
const arrayBuffer = async () => new TextEncoder().encode(LINES).buffer as ArrayBuffer;

test.each<[string, () => Partial<FetchResponse>]>([
  ['without a body, which can be read at once', () => ({ body: undefined, arrayBuffer })],
  ['with a body that is null, though the status has one', () => ({ body: null, arrayBuffer })],
  ['with a stream of Node.js', () => ({ body: Readable.from([Buffer.from('1\n'), Buffer.from(LINES.slice(2))]) })],
  ['with a stream of Node.js that gives strings', () => ({ body: Readable.from([...LINES]) })],
])('a response %s is read', async (_, response) => {
  expect((await (await open(response())).collect()).chunks).toEqual([1]);
});

test.each([undefined, null, {}])('a response with the body %j that cannot be read is no success', async (body) => {
  const error = await failureOf(open({ body: body as never }));
  expect(error).toMatchObject({ code: 'CONFIG_INVALID', invoked: 'maybe' });
  expect(String(error)).toContain('pass one that streams');
});

test('leaving a stream of Node.js destroys it', async () => {
  const body = new Readable({ read: () => undefined });
  body.push('1\n');
  const stream = await open({ body });
  for await (const chunk of stream) {
    expect(chunk).toBe(1);
    break;
  }
  expect(body.destroyed).toBe(true);
});

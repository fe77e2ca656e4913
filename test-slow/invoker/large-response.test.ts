/** Responses at Lambda's limit of 200 MiB: told from whole ones, and read in little memory. */
import { Readable } from 'node:stream';
import { streamContract } from 'cdk-lambda-streaming/contract';
import { streamInvoker } from 'cdk-lambda-streaming/invoker';
import { invokeComplete, payloadChunk, rejection } from '../../test/invoker/read-stream';
import { type Answer, EVENT_STREAM_HEADERS, useWireServer } from '../../test/invoker/wire-server';
import { heldMb } from '../held-memory';

const LIMIT = 209_715_200;
const FRAME = 25_000;

const wire = useWireServer();

/** `total` bytes of payload, then `last`. */
function large(total: number, last: Uint8Array): Answer {
  const frame = payloadChunk(`${'x'.repeat(FRAME - 3)}"\n"`);
  return async (response) => {
    response.writeHead(200, EVENT_STREAM_HEADERS);
    response.write(payloadChunk('"'));
    let left = total - 1;
    for (; left >= FRAME; left -= FRAME) {
      if (!response.write(frame)) await new Promise((resolve) => response.once('drain', resolve));
    }
    if (left > 0) response.write(payloadChunk('x'.repeat(left)));
    response.end(Buffer.concat([last, invokeComplete()]));
  };
}

async function readAll(format: 'bytes' | 'ndjson'): Promise<{ bytes: number; grownMb: number }> {
  const invoker = streamInvoker(streamContract({ format }), { functionName: 'f', client: wire.client() });
  const before = heldMb();
  let [peak, bytes, chunks] = [before, 0, 0];
  for await (const chunk of await invoker.invoke({})) {
    bytes += (chunk as string | Uint8Array).length;
    if (++chunks % 400 === 0) peak = Math.max(peak, heldMb());
  }
  return { bytes, grownMb: peak - before };
}

test('a response that Lambda cut one byte past its limit is TRUNCATED although the platform completed it', async () => {
  wire.answer(large(LIMIT + 1, new Uint8Array(0)));
  const error = await rejection(readAll('bytes'));
  expect(error).toMatchObject({ code: 'TRUNCATED', where: 'size-limit', payloadBytes: LIMIT + 1 });
});

test('such a response is whole where its end marker was seen', async () => {
  const marker = '"\n{"$stream":{"end":{}}}\n';
  wire.answer(large(LIMIT + 1 - marker.length, payloadChunk(marker)));
  expect((await readAll('ndjson')).bytes).toBeGreaterThan(200_000_000);
});

test('a response just below the limit is whole, and no more of it is held than is on its way', async () => {
  wire.answer(large(LIMIT - 1, new Uint8Array(0)));
  const { bytes, grownMb } = await readAll('bytes');
  expect(bytes).toBe(LIMIT - 1);
  expect(grownMb).toBeLessThan(16);
});

/** A response body that comes in one buffer, as HTTP handlers other than Node.js' own may give it. */
function oneBuffer(payload: Uint8Array) {
  const answer = () => ({ statusCode: 200, headers: { ...EVENT_STREAM_HEADERS }, body: Readable.from([payload]) });
  return { requestHandler: { handle: async () => ({ response: answer() }) } as never };
}

describe.each([
  ['from a socket', () => wire.client()],
  ['in one buffer', (body: Uint8Array) => wire.client(oneBuffer(body))],
])('millions of lines in one frame, %s,', (_, clientFor) => {
  const lines = 2_000_000;
  const end = `{"$stream":{"end":{"chunks":${lines}}}}\n`;
  const body = Buffer.concat([payloadChunk('{"n":1}\n'.repeat(lines)), payloadChunk(end), invokeComplete()]);

  test('do not become values all at once', async () => {
    wire.answer((response) => void response.writeHead(200, EVENT_STREAM_HEADERS).end(body));
    const options = { functionName: 'f', client: clientFor(body) };
    const response = await streamInvoker(streamContract({ format: 'ndjson' }), options).invoke({});
    const before = heldMb();
    let [count, peak] = [0, before];
    for await (const value of response) {
      count += (value as { n: number }).n;
      if (count % 100_000 === 1) peak = Math.max(peak, heldMb());
    }
    expect(count).toBe(lines);
    // Two million values would be more than a hundred.
    expect(peak - before).toBeLessThan(40);
  });
});

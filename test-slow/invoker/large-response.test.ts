/** Responses at Lambda's limit of 200 MiB: told from whole ones, and read in little memory. */
import { streamContract } from 'cdk-lambda-streaming/contract';
import { streamInvoker } from 'cdk-lambda-streaming/invoker';
import { C, P, rejection } from '../../test/invoker/read-stream';
import { type Answer, EVENT_STREAM_HEADERS, WireServer } from '../../test/invoker/wire-server';

jest.setTimeout(240_000);

const LIMIT = 209_715_200;
const FRAME = 25_000;

let wire: WireServer;
beforeAll(async () => {
  wire = await WireServer.start();
});
afterAll(() => wire.stop());

/** `total` bytes of payload, then `last`. */
function large(total: number, last: Uint8Array): Answer {
  const frame = P(`${'x'.repeat(FRAME - 3)}"\n"`);
  return async (response) => {
    response.writeHead(200, EVENT_STREAM_HEADERS);
    response.write(P('"'));
    let left = total - 1;
    for (; left >= FRAME; left -= FRAME) {
      if (!response.write(frame)) await new Promise((resolve) => response.once('drain', resolve));
    }
    if (left > 0) response.write(P('x'.repeat(left)));
    response.end(Buffer.concat([last, C()]));
  };
}

async function readAll(format: 'bytes' | 'ndjson'): Promise<{ bytes: number; grownMb: number }> {
  const invoker = streamInvoker(streamContract({ format }), { functionName: 'f', client: wire.client() });
  const before = process.memoryUsage().rss;
  let peak = before;
  let bytes = 0;
  let chunks = 0;
  for await (const chunk of await invoker.invoke({})) {
    bytes += (chunk as string | Uint8Array).length;
    if (chunks++ % 100 === 0) peak = Math.max(peak, process.memoryUsage().rss);
  }
  return { bytes, grownMb: (peak - before) / 1_048_576 };
}

test('a response that Lambda cut one byte past its limit is TRUNCATED although the platform completed it', async () => {
  wire.answer(large(LIMIT + 1, new Uint8Array(0)));
  const error = await rejection(readAll('bytes'));
  expect(error).toMatchObject({ code: 'TRUNCATED', where: 'size-limit', payloadBytes: LIMIT + 1 });
});

test('such a response is whole where its end marker was seen', async () => {
  const marker = '"\n{"$stream":{"end":{}}}\n';
  wire.answer(large(LIMIT + 1 - marker.length, P(marker)));
  expect((await readAll('ndjson')).bytes).toBeGreaterThan(200_000_000);
});

test('a response just below the limit is whole, and is read in less than 200 MB', async () => {
  wire.answer(large(LIMIT - 1, new Uint8Array(0)));
  const { bytes, grownMb } = await readAll('bytes');
  expect(bytes).toBe(LIMIT - 1);
  expect(grownMb).toBeLessThan(200);
});

test('millions of lines in one frame do not become values all at once', async () => {
  const lines = 4_000_000;
  const end = `{"$stream":{"end":{"chunks":${lines}}}}\n`;
  wire.answer((response) => {
    response.writeHead(200, EVENT_STREAM_HEADERS).end(Buffer.concat([P('1\n'.repeat(lines)), P(end), C()]));
  });
  const invoker = streamInvoker(streamContract({ format: 'ndjson' }), { functionName: 'f', client: wire.client() });
  const response = await invoker.invoke({});
  const before = process.memoryUsage().rss;
  let [count, peak] = [0, 0];
  for await (const value of response) {
    count += Number(value);
    if (count % 50_000 === 0) peak = Math.max(peak, process.memoryUsage().rss - before);
  }
  expect(count).toBe(lines);
  expect(peak / 1_048_576).toBeLessThan(200);
});

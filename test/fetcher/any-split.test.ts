import { streamContract } from 'cdk-lambda-streaming/contract';
import { type FetchFunction, isStreamError, streamFetcher } from 'cdk-lambda-streaming/fetcher';
import fc from 'fast-check';
import { line } from './support/contracts';

const values = streamContract({ format: 'ndjson' });

/** A response whose body arrives in these pieces, some of them at once and some later. */
function answering(pieces: readonly Uint8Array[], broken: boolean): FetchFunction {
  return async () => {
    const left = [...pieces];
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        const piece = left.shift();
        if (left.length % 2 === 0) await new Promise(setImmediate);
        if (piece !== undefined) controller.enqueue(piece);
        else if (broken) controller.error(new TypeError('terminated'));
        else controller.close();
      },
    });
    return new Response(body, { headers: { 'content-type': 'application/x-ndjson' } });
  };
}

function cut(bytes: Uint8Array, at: readonly number[]): Uint8Array[] {
  const places = [0, ...at.map((share) => Math.floor(share * bytes.length)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((place, index) => bytes.slice(places[index], place));
}

const chunks = fc.array(fc.jsonValue({ noUnicodeString: false, maxDepth: 2 }).filter(isNoMarker), { maxLength: 8 });
const places = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 });

function isNoMarker(value: unknown): boolean {
  return !JSON.stringify(value).includes('$stream');
}

function encode(sent: readonly unknown[]): Uint8Array {
  const end = line({ $stream: { end: { chunks: sent.length } } });
  return new TextEncoder().encode(sent.map(line).join('') + end);
}

test('any values, cut anywhere, arrive as they were sent', async () => {
  await fc.assert(
    fc.asyncProperty(chunks, places, async (sent, at) => {
      const fetch = answering(cut(encode(sent), at), false);
      const stream = await streamFetcher(values, { url: 'http://127.0.0.1/', sign: 'none', fetch }).invoke({});
      expect((await stream.collect()).chunks).toEqual(sent.map((value) => JSON.parse(JSON.stringify(value))));
    }),
    { numRuns: 60 },
  );
});

test('a stream that ends or breaks anywhere before its last byte is an error, and gives nothing that was not sent', async () => {
  await fc.assert(
    fc.asyncProperty(
      chunks,
      places,
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      fc.boolean(),
      async (sent, at, share, broken) => {
        const whole = encode(sent);
        // Without its last line break the end marker is still all there.
        const part = whole.slice(0, Math.floor(share * (whole.length - 1)));
        const fetch = answering(cut(part, at), broken);
        const stream = await streamFetcher(values, { url: 'http://127.0.0.1/', sign: 'none', fetch }).invoke({});
        const got: unknown[] = [];
        let failure: unknown;
        try {
          for await (const value of stream) got.push(value);
        } catch (error) {
          failure = error;
        }
        expect(isStreamError(failure) && failure.code).toBe(broken ? 'TRANSPORT' : 'TRUNCATED');
        expect(sent.slice(0, got.length).map((value) => JSON.parse(JSON.stringify(value)))).toEqual(got);
      },
    ),
    { numRuns: 60 },
  );
});

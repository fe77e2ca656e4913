/** Laws that hold for every stream and every damage: the same values, or an error; never other values, never a hang. */

import { type ContractTypes, type StreamContract, streamContract } from 'cdk-lambda-streaming/contract';
import { isStreamError } from 'cdk-lambda-streaming/invoker';
import fc from 'fast-check';
import { FramePayloads } from '../../src/invoker/frame-payloads';
import type { ByteSource } from '../../src/stream/body/byte-source';
import { ResponseStream } from '../../src/stream/reading/response-stream';
import { StreamProgress } from '../../src/stream/reading/stream-progress';
import { anyCharacter } from '../wire/any-character';
import { invokeComplete, payloadChunk } from './read-stream';

/** The slow suite runs each law many times more often. */
const SCALE = Number(process.env['PROPERTY_SCALE'] ?? 1);

/** Pieces as they come from a socket; now and then one has to be waited for. */
class Pieces implements ByteSource {
  public ended = false;
  public closed = false;
  private at = 0;
  private ready = true;

  public constructor(private readonly pieces: readonly Uint8Array[]) {}

  public take(): Uint8Array | undefined {
    if (!this.ready || this.at === this.pieces.length) return undefined;
    this.ready = this.at % 3 !== 0;
    return this.pieces[this.at++];
  }
  public async wait(): Promise<void> {
    this.ready = true;
    this.ended = this.at === this.pieces.length;
  }
  public release(): void {
    this.closed = true;
  }
  public close(): void {
    this.closed = true;
  }
}

async function read(contract: StreamContract, pieces: readonly Uint8Array[]) {
  const source = new FramePayloads(new Pieces(pieces));
  const head = { hasPrelude: false };
  const response = new ResponseStream({ contract, source, progress: new StreamProgress(), head, read: {} });
  const chunks: unknown[] = [];
  try {
    for await (const chunk of response) chunks.push(chunk);
    return { chunks, error: undefined };
  } catch (error) {
    return { chunks, error };
  }
}

function cut(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [...new Set(cuts.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((start, i) => bytes.subarray(start, places[i] ?? bytes.length));
}

const cuts = fc.array(fc.nat(), { maxLength: 20 });
const ndjson = streamContract({ format: 'ndjson' });
const sse = streamContract({ format: 'sse' });
const text = streamContract({ format: 'text' });
const value = fc.jsonValue().filter((json) => !JSON.stringify(json).includes('$stream'));

/** A whole NDJSON stream of `values`, cut into frames at `places`. */
function ndjsonFrames(values: readonly unknown[], places: readonly number[]): Uint8Array {
  const lines = [...values, { $stream: { end: { chunks: values.length } } }].map((item) => `${JSON.stringify(item)}\n`);
  return Buffer.concat([...cut(Buffer.from(lines.join('')), places).map(payloadChunk), invokeComplete()]);
}

test('any values give the same values, however frames and reads are cut', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(value, { maxLength: 12 }), cuts, cuts, async (values, frames, reads) => {
      const { chunks, error } = await read(ndjson, cut(ndjsonFrames(values, frames), reads));
      expect(error).toBeUndefined();
      expect(chunks).toEqual(JSON.parse(JSON.stringify(values)));
    }),
    { numRuns: 40 * SCALE },
  );
});

test('any text gives the same text, however frames and reads are cut', async () => {
  const anyText = fc.string({ unit: anyCharacter, maxLength: 200 }).filter((string) => !string.startsWith('\ufeff'));
  await fc.assert(
    fc.asyncProperty(anyText, cuts, cuts, async (string, frames, reads) => {
      const stream = Buffer.concat([...cut(Buffer.from(string), frames).map(payloadChunk), invokeComplete()]);
      const { chunks, error } = await read(text, cut(stream, reads));
      expect(error).toBeUndefined();
      expect(chunks.join('')).toBe(string);
    }),
    { numRuns: 40 * SCALE },
  );
});

test('any events give the same events, however frames and reads are cut', async () => {
  const oneLine = fc.string({ minLength: 1, maxLength: 20 }).map((string) => string.replace(/[\r\n\0$]/g, '-'));
  const events = fc.array(fc.record({ data: oneLine, event: oneLine.map((type) => `e${type}`) }), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(events, cuts, cuts, async (all, frames, reads) => {
      const source = all.map(({ data, event }) => `event: ${event}\ndata: ${data}\n\n`).join('');
      const payload = `${source}event: $end\ndata: {"chunks":${all.length}}\n\n`;
      const stream = Buffer.concat([...cut(Buffer.from(payload), frames).map(payloadChunk), invokeComplete()]);
      const { chunks, error } = await read(sse, cut(stream, reads));
      expect(error).toBeUndefined();
      expect(chunks).toEqual(all);
    }),
    { numRuns: 40 * SCALE },
  );
});

/** What is damaged: bytes flipped, cut off, inserted, or repeated. */
const damage = fc.oneof(
  fc.record({ kind: fc.constant('flip' as const), at: fc.nat(), bit: fc.nat({ max: 7 }) }),
  fc.record({ kind: fc.constant('cut' as const), at: fc.nat() }),
  fc.record({
    kind: fc.constant('insert' as const),
    at: fc.nat(),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 30 }),
  }),
  fc.record({ kind: fc.constant('remove' as const), at: fc.nat(), length: fc.integer({ min: 1, max: 40 }) }),
);

test('any damage gives an error, and before it only values that were sent', async () => {
  const values = fc.array(value, { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(values, cuts, damage, cuts, async (sent, frames, hurt, reads) => {
      const whole = ndjsonFrames(sent, frames);
      const at = hurt.at % whole.length;
      const broken = damaged(whole, at, hurt);
      fc.pre(Buffer.compare(whole, broken) !== 0);
      const { chunks, error } = await read(ndjson, cut(broken, reads));
      const expected = JSON.parse(JSON.stringify(sent));
      expect(chunks).toEqual(expected.slice(0, chunks.length));
      // Damage to what follows the end marker may go unnoticed: then all values are there.
      if (error === undefined) expect(chunks).toEqual(expected);
      else expect(isStreamError(error)).toBe(true);
    }),
    { numRuns: 150 * SCALE },
  );
});

test('any bytes at all give an error and no value', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), cuts, async (noise, reads) => {
      const { chunks, error } = await read(streamContract({ format: 'bytes' }), cut(noise, reads));
      expect(chunks).toEqual([]);
      expect(isStreamError(error)).toBe(true);
    }),
    { numRuns: 80 * SCALE },
  );
});

test('any payload under a contract with a marker ends in a StreamError or whole, never in another error', async () => {
  const contracts: StreamContract<ContractTypes>[] = [ndjson, sse, text];
  const fragment = fc.oneof(
    fc.constantFrom(
      '{"$stream":{"end":{}}}\n',
      '{"$stream":{"end":{"chunks":1}}}\n',
      '{"$stream":1}\n',
      'event: $end\n',
      'data: {}\n\n',
      '\r',
      '\n',
      '\ufeff',
      '{"a":1}\n',
    ),
    fc.string({ unit: anyCharacter, maxLength: 10 }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...contracts),
      fc.array(fragment, { maxLength: 8 }),
      cuts,
      async (contract, fragments, reads) => {
        const stream = Buffer.concat([payloadChunk(fragments.join('')), invokeComplete()]);
        const { error } = await read(contract, cut(stream, reads));
        if (error !== undefined) expect(isStreamError(error)).toBe(true);
      },
    ),
    { numRuns: 80 * SCALE },
  );
});

function damaged(
  whole: Uint8Array,
  at: number,
  hurt: typeof damage extends fc.Arbitrary<infer T> ? T : never,
): Uint8Array {
  const [before, after] = [whole.subarray(0, at), whole.subarray(at)];
  switch (hurt.kind) {
    case 'flip':
      return whole.map((byte, i) => (i === at ? byte ^ (1 << hurt.bit) : byte));
    case 'cut':
      return before;
    case 'insert':
      return Buffer.concat([before, hurt.bytes, after]);
    case 'remove':
      return Buffer.concat([before, after.subarray(hurt.length)]);
  }
}

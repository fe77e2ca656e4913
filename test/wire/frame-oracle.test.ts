/** The AWS SDK's codec as the judge of our decoder, and a corpus of frames with the verdict on each. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EventStreamCodec } from '@smithy/core/event-streams';
import fc from 'fast-check';
import { FrameDecoder } from '../../src/wire/frame-decoder';
import { isWireError } from '../../src/wire/wire-error';

const codec = new EventStreamCodec(
  (bytes) => (typeof bytes === 'string' ? bytes : new TextDecoder().decode(bytes)),
  (text) => new TextEncoder().encode(text),
);

interface Decoded {
  readonly eventType?: string;
  readonly messageType: string;
  readonly payload: string;
}

/** What the decoder makes of `bytes` pushed in pieces: frames, then what it threw, and what is left over. */
function decode(bytes: Uint8Array, size: number): { frames: Decoded[]; error?: unknown; left: number } {
  const decoder = new FrameDecoder();
  const frames: Decoded[] = [];
  let pieces: Uint8Array[] = [];
  try {
    for (let at = 0; at < bytes.length; at += size) {
      decoder.push(bytes.subarray(at, at + size));
      for (let part = decoder.next(); part !== undefined; part = decoder.next()) {
        pieces.push(part.payload);
        if (!part.isLast) continue;
        const { messageType, eventType } = part.headers;
        frames.push({ messageType, eventType, payload: Buffer.concat(pieces).toString('base64') });
        pieces = [];
      }
    }
  } catch (error) {
    return { frames, error, left: 0 };
  }
  return { frames, left: decoder.end() };
}

const name = fc.stringMatching(/^[a-z:-]{1,20}$/).filter((text) => text !== ':message-type' && text !== ':event-type');
const headerValue = fc.oneof(
  fc.boolean().map((value) => ({ type: 'boolean' as const, value })),
  fc.integer({ min: -128, max: 127 }).map((value) => ({ type: 'byte' as const, value })),
  fc.integer({ min: -32_768, max: 32_767 }).map((value) => ({ type: 'short' as const, value })),
  fc.integer({ min: -2_147_483_648, max: 2_147_483_647 }).map((value) => ({ type: 'integer' as const, value })),
  fc.uint8Array({ maxLength: 30 }).map((value) => ({ type: 'binary' as const, value })),
  fc.string({ maxLength: 30 }).map((value) => ({ type: 'string' as const, value })),
  fc.date({ noInvalidDate: true }).map((value) => ({ type: 'timestamp' as const, value })),
  fc.uuid().map((value) => ({ type: 'uuid' as const, value })),
);
const message = fc.record({
  eventType: fc.string({ maxLength: 20 }),
  headers: fc.dictionary(name, headerValue, { maxKeys: 5 }),
  body: fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ minLength: 16_300, maxLength: 20_000 })),
});

function encode({ eventType, headers, body }: typeof message extends fc.Arbitrary<infer T> ? T : never): Uint8Array {
  const typed = {
    ':message-type': { type: 'string' as const, value: 'event' },
    ':event-type': { type: 'string' as const, value: eventType },
  };
  return codec.encode({ headers: { ...headers, ...typed }, body });
}

test('whatever the SDK encodes is decoded to the same, in pieces of any size', () => {
  fc.assert(
    fc.property(fc.array(message, { maxLength: 3 }), fc.integer({ min: 1, max: 30_000 }), (messages, size) => {
      const { frames, error, left } = decode(Buffer.concat(messages.map(encode)), size);
      expect(error).toBeUndefined();
      expect(left).toBe(0);
      expect(frames).toEqual(
        messages.map(({ eventType, body }) => ({
          messageType: 'event',
          eventType,
          payload: Buffer.from(body).toString('base64'),
        })),
      );
    }),
    { numRuns: 100 },
  );
});

test('a damaged frame is refused or left unfinished exactly where the SDK refuses it', () => {
  fc.assert(
    fc.property(
      message,
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      fc.integer({ min: 1, max: 30_000 }),
      (sent, at, flip, size) => {
        const whole = encode(sent);
        const damaged = whole.map((byte, i) => (i === at % whole.length ? byte ^ flip : byte));
        expect(() => codec.decode(damaged)).toThrow();
        const { frames, error } = decode(damaged, size);
        expect(frames).toEqual([]);
        expect(isWireError(error)).toBe(true);
      },
    ),
    { numRuns: 200 },
  );
});

interface Case {
  readonly name: string;
  readonly base64: string;
  readonly frames: Decoded[];
  readonly error?: string;
  readonly left?: number;
}
const corpus: { cases: Case[] } = JSON.parse(
  readFileSync(join(__dirname, '..', 'vectors', 'event-stream-frames.json'), 'utf8'),
);

describe.each(corpus.cases)('$name', ({ base64, frames, error, left = 0 }) => {
  test.each([1, 7, 64, 100_000])('in pieces of %i bytes', (size) => {
    const got = decode(Buffer.from(base64, 'base64'), size);
    expect(got.frames).toEqual(frames);
    expect((got.error as { code?: string } | undefined)?.code).toBe(error);
    expect(got.left).toBe(left);
  });
});

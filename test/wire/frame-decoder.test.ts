import { FrameDecoder } from '../../src/wire/frame-decoder';
import {
  encodeErrorFrame,
  encodeException,
  encodeFrame,
  encodeInvokeComplete,
  encodePayloadChunk,
} from '../../src/wire/frame-encoder';
import { isWireError } from '../../src/wire/wire-error';
import { bytes, concat, decode, rawFrame } from './frames';

const text = (payload: Uint8Array) => new TextDecoder().decode(payload);

function failure(stream: Uint8Array, size = stream.length): unknown {
  try {
    decode(stream, size);
  } catch (error) {
    return error;
  }
  return undefined;
}

const stream = concat(
  encodePayloadChunk(bytes('hello ')),
  encodePayloadChunk(bytes('')),
  encodePayloadChunk(bytes('wörld')),
  encodeInvokeComplete({ LogResult: 'QUJD' }),
);

describe('frames', () => {
  test('come out the same for each way to cut the stream in two', () => {
    for (let cut = 0; cut <= stream.length; cut++) {
      const decoder = new FrameDecoder();
      const frames = [
        ...decode(stream.subarray(0, cut), cut || 1, decoder),
        ...decode(stream.subarray(cut), stream.length, decoder),
      ];
      expect(frames.map(({ headers, payload, isLast }) => [headers.eventType, text(payload), isLast])).toEqual([
        ['PayloadChunk', 'hello ', true],
        ['PayloadChunk', '', true],
        ['PayloadChunk', 'wörld', true],
        ['InvokeComplete', '{"LogResult":"QUJD"}', true],
      ]);
      expect(decoder.end()).toBe(0);
    }
  });

  test.each([1, 2, 7, 11, 12, 13, 64])('come out the same in pieces of %i bytes', (size) => {
    expect(
      decode(stream, size)
        .map(({ payload }) => text(payload))
        .join('|'),
    ).toBe('hello ||wörld|{"LogResult":"QUJD"}');
  });

  test('cut by a push are copied together up to 16 KiB, and handed out in the pieces they came in above', () => {
    const overhead = encodePayloadChunk(bytes('')).length;
    const small = encodePayloadChunk(new Uint8Array(16_384 - overhead).fill(1));
    const large = encodePayloadChunk(new Uint8Array(16_385 - overhead).fill(2));
    expect(decode(small, 9_000).map(({ payload }) => payload.length)).toEqual([16_384 - overhead]);
    expect(decode(large, 9_000).map(({ payload, isLast }) => [payload.length, isLast])).toEqual([
      [9_000 - (overhead - 4), false],
      [16_385 - 9_000 - 4, true],
    ]);
  });

  test('that lie whole in the bytes pushed are views on them, not copies', () => {
    const [frame] = decode(encodePayloadChunk(bytes('abc')), 1_000);
    const pushed = encodePayloadChunk(bytes('abc'));
    const decoder = new FrameDecoder();
    decoder.push(pushed);
    expect(decoder.next()?.payload.buffer).toBe(pushed.buffer);
    expect(frame?.payload).toHaveLength(3);
  });

  test('share one parsed header object as long as their header block is the same', () => {
    const [first, second, third, fourth] = decode(stream, stream.length);
    expect(second?.headers).toBe(first?.headers);
    expect(third?.headers).toBe(first?.headers);
    expect(fourth?.headers).not.toBe(first?.headers);
  });

  test('of changing lengths and types keep their own headers and payload', () => {
    const frames = decode(
      concat(
        ...[1, 2, 2, 7, 0, 7].map((length) => encodePayloadChunk(bytes('x'.repeat(length)))),
        encodeInvokeComplete(),
      ),
      1_000,
    );
    expect(frames.map(({ headers, payload }) => `${headers.eventType} ${text(payload)}`)).toEqual([
      'PayloadChunk x',
      'PayloadChunk xx',
      'PayloadChunk xx',
      'PayloadChunk xxxxxxx',
      'PayloadChunk ',
      'PayloadChunk xxxxxxx',
      'InvokeComplete {}',
    ]);
    expect(new Set(frames.map(({ headers }) => headers)).size).toBe(2);
  });

  test('whose lengths differ in their first byte only are told apart', () => {
    const frames = decode(
      concat(encodePayloadChunk(bytes('short')), encodePayloadChunk(new Uint8Array(2 ** 24 + 5))),
      2 ** 25,
    );
    expect(frames.map(({ payload }) => payload.length)).toEqual([5, 2 ** 24 + 5]);
  });

  test('may have headers of 128 KiB', () => {
    const name = [1, 97, 6, 0xff, 0xff, ...new Uint8Array(0xffff)];
    const type = [13, ...bytes(':message-type'), 7, 0, 5, ...bytes('event')];
    const filler = [1, 98, 6, 0, 0];
    const left = 131_072 - name.length - type.length - filler.length;
    filler.splice(3, 2, left >> 8, left & 0xff);
    const headers = Uint8Array.from([...name, ...type, ...filler, ...new Uint8Array(left)]);
    for (const size of [50_000, 200_000]) {
      expect(decode(rawFrame(headers, bytes('x')), size)).toMatchObject([{ headers: { messageType: 'event' } }]);
    }
  });

  test('whose headers begin like those of the frame before, and end sooner, do not share them', () => {
    const frames = decode(
      concat(
        encodeFrame({ ':message-type': 'event', ':event-type': 'x' }, bytes('')),
        encodeFrame({ ':message-type': 'event' }, bytes('')),
      ),
      1_000,
    );
    expect(frames.map(({ headers }) => headers.eventType)).toEqual(['x', undefined]);
  });

  test('may be as long as maxFrameBytes, no longer', () => {
    const frame = encodePayloadChunk(new Uint8Array(20_000));
    for (const size of [1_000, 100_000]) {
      expect(decode(frame, size, new FrameDecoder({ maxFrameBytes: frame.length })).at(-1)?.isLast).toBe(true);
      expect(() => decode(frame, size, new FrameDecoder({ maxFrameBytes: frame.length - 1 }))).toThrow(
        `${frame.length} bytes, at most ${frame.length - 1} are accepted`,
      );
    }
  });

  test.each([0, 1, 2, 3])(
    'that differ in the last byte of their headers only, %i bytes longer, are told apart',
    (more) => {
      const typed = (last: string) =>
        encodeFrame({ ':message-type': 'event', ':event-type': 'x'.repeat(more) + last }, bytes(''));
      const frames = decode(concat(typed('1'), typed('2'), typed('2'), typed('1')), 1_000);
      expect(frames.map(({ headers }) => headers.eventType?.at(-1))).toEqual(['1', '2', '2', '1']);
    },
  );

  test('of errors and exceptions carry their headers', () => {
    const [error, exception] = decode(
      concat(
        encodeErrorFrame('InternalServerError', 'näh'),
        encodeException('TooManyRequestsException', '{"message":"slow"}'),
      ),
      9,
    );
    expect(error?.headers).toMatchObject({
      messageType: 'error',
      errorCode: 'InternalServerError',
      errorMessage: 'näh',
    });
    expect(exception?.headers).toMatchObject({ messageType: 'exception', exceptionType: 'TooManyRequestsException' });
  });

  test('may carry headers of every type besides strings', () => {
    const name = (label: string, type: number) => [label.length, ...bytes(label), type];
    const headers = Uint8Array.from([
      ...name('t', 0),
      ...name('f', 1),
      ...[...name('b', 2), 1],
      ...[...name('s', 3), 1, 2],
      ...[...name('i', 4), 1, 2, 3, 4],
      ...[...name('l', 5), 1, 2, 3, 4, 5, 6, 7, 8],
      ...[...name('y', 6), 0, 2, 9, 9],
      ...[...name('d', 8), 1, 2, 3, 4, 5, 6, 7, 8],
      ...[...name('u', 9), ...new Uint8Array(16)],
      ...[...name(':message-type', 7), 0, 5, ...bytes('event')],
      ...[...name(':event-type', 7), 0, 3, ...bytes('New')],
    ]);
    const [frame] = decode(rawFrame(headers, bytes('p')), 5);
    expect(frame?.headers).toMatchObject({ messageType: 'event', eventType: 'New' });
    expect(text(frame?.payload ?? new Uint8Array())).toBe('p');
  });
});

describe('the end of the stream', () => {
  test.each([1, 2, 11, 12, 13, 40])('after %i bytes of a frame is told apart from an end between frames', (cut) => {
    const decoder = new FrameDecoder();
    decode(concat(encodePayloadChunk(bytes('whole')), encodePayloadChunk(bytes('cut')).subarray(0, cut)), 7, decoder);
    expect(decoder.end()).toBe(cut);
  });
});

describe('a corrupt frame', () => {
  const good = encodePayloadChunk(bytes('good'));
  const headers = good.subarray(12, good.length - 8);
  const flip = (frame: Uint8Array, at: number) => frame.map((byte, i) => (i === at ? byte ^ 1 : byte));
  const oneHeader = (type: number, ...value: number[]) => Uint8Array.from([1, 97, type, ...value]);

  test.each([
    ['a wrong message checksum', flip(good, good.length - 1), 'frame-message-crc'],
    ['a flipped payload bit', flip(good, good.length - 6), 'frame-message-crc'],
    ['a wrong prelude checksum', flip(good, 9), 'frame-prelude-crc'],
    [
      'a wrong prelude checksum under a right message checksum',
      rawFrame(headers, bytes('good'), { prelude: 1 }),
      'frame-prelude-crc',
    ],
    ['a flipped bit in the total length', flip(good, 3), 'frame-prelude-crc'],
    [
      'a total length of 4 GB that its checksum does not confirm',
      concat(Uint8Array.of(255, 255, 255, 240), good),
      'frame-prelude-crc',
    ],
    ['a total length of 8', rawFrame(new Uint8Array(0), new Uint8Array(0), { total: 8 }), 'frame-length'],
    ['headers longer than the frame', rawFrame(headers, bytes('good'), { headers: good.length }), 'frame-length'],
    ['headers over 128 KiB', rawFrame(new Uint8Array(131_073), new Uint8Array(0)), 'frame-length'],
    ['25 MiB to come', rawFrame(headers, new Uint8Array(0), { total: 25 * 1024 * 1024 }), 'frame-length'],
    ['an unknown header type', rawFrame(oneHeader(10), bytes('x')), 'frame-headers'],
    ['a header value that ends after the headers', rawFrame(oneHeader(7, 0, 9, 1), bytes('x')), 'frame-headers'],
    ['a header cut off before its size', rawFrame(oneHeader(7, 0), bytes('x')), 'frame-headers'],
    ['a header cut off in its name', rawFrame(Uint8Array.of(200, 97), bytes('x')), 'frame-headers'],
    ['neither headers nor payload', rawFrame(new Uint8Array(0), new Uint8Array(0)), 'frame-headers'],
    ['no headers at all', rawFrame(new Uint8Array(0), bytes('x')), 'frame-headers'],
    ['no :message-type', rawFrame(oneHeader(0), bytes('x')), 'frame-headers'],
  ])('with %s is refused with its kind and offset', (_, frame, kind) => {
    for (const size of [1, 7, 64, 1_000]) {
      const error = failure(concat(good, frame), size);
      expect(isWireError(error)).toBe(true);
      expect(error).toMatchObject({ code: kind, byteOffset: good.length });
    }
  });

  test('without headers is refused as the first of the stream, too', () => {
    expect(failure(rawFrame(new Uint8Array(0), bytes('x')))).toMatchObject({ code: 'frame-headers', byteOffset: 0 });
  });

  test('ends the decoding: what follows is not handed out', () => {
    const decoder = new FrameDecoder();
    decoder.push(concat(good, flip(good, good.length - 1), good));
    expect(text(decoder.next()?.payload ?? new Uint8Array())).toBe('good');
    expect(() => decoder.next()).toThrow('checksum');
    expect(() => decoder.next()).toThrow('checksum');
    decoder.push(good);
    expect(() => decoder.next()).toThrow('checksum');
  });

  test('cannot make the decoder allocate what its length field claims', () => {
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 100; i++) {
      failure(concat(Uint8Array.of(127, 255, 255, 255), new Uint8Array(20)));
      failure(rawFrame(new Uint8Array(0), new Uint8Array(0), { total: 0xfffffff0 }));
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1024 * 1024);
  });
});

test('says how many bytes a large frame still needs, and 0 where the next byte may be enough', () => {
  const small = encodePayloadChunk(new Uint8Array(16_000).fill(1));
  const large = encodePayloadChunk(new Uint8Array(20_000).fill(2));
  const decoder = new FrameDecoder();
  const missingAfter = (piece: Uint8Array): number => {
    decoder.push(piece);
    while (decoder.next() !== undefined);
    return decoder.missing;
  };
  expect(decoder.missing).toBe(0);
  expect(missingAfter(small.subarray(0, 5))).toBe(0);
  expect(missingAfter(small.subarray(5, 500))).toBe(0);
  expect(missingAfter(small.subarray(500))).toBe(0);
  expect(missingAfter(large.subarray(0, 11))).toBe(0);
  expect(missingAfter(large.subarray(11, 12))).toBe(large.length - 12);
  expect(missingAfter(large.subarray(12, 5_012))).toBe(large.length - 5_012);
  expect(missingAfter(large.subarray(5_012, -1))).toBe(1);
  expect(missingAfter(large.subarray(-1))).toBe(0);
  expect(decoder.end()).toBe(0);
  expect(missingAfter(large.subarray(0, 12))).toBe(large.length - 12);
});

test('has no frame before the first bytes', () => {
  const decoder = new FrameDecoder();
  expect(decoder.next()).toBeUndefined();
  expect(decoder.end()).toBe(0);
});

test('says how much of an unfinished frame is there at the end, small or large', () => {
  for (const frame of [encodePayloadChunk(new Uint8Array(100)), encodePayloadChunk(new Uint8Array(20_000))]) {
    for (const length of [1, 11, 12, 13, frame.length - 1]) {
      const decoder = new FrameDecoder();
      decoder.push(frame.subarray(0, length));
      expect(decoder.next()).toBeUndefined();
      expect(decoder.end()).toBe(length);
    }
  }
});

test('bytes pushed before the last ones are taken are refused, so none is lost', () => {
  const decoder = new FrameDecoder();
  decoder.push(stream);
  expect(() => decoder.push(stream)).toThrow('take the frames of the last push');
});

test('a header block that is a function of the service is read as UTF-8', () => {
  const [frame] = decode(encodeFrame({ ':message-type': 'event', ':event-type': 'é' }, bytes('')), 3);
  expect(frame?.headers.eventType).toBe('é');
});

import { LineSplitter, type LineSplitterOptions } from '../../src/wire/line-splitter';
import { isWireError, type WireError } from '../../src/wire/wire-error';

const bytes = (text: string) => new TextEncoder().encode(text);

function split(pieces: Uint8Array[], options?: LineSplitterOptions) {
  const splitter = new LineSplitter(options);
  const lines: string[] = [];
  let error: WireError | undefined;
  try {
    for (const piece of pieces) splitter.push(piece, (line) => lines.push(line));
    splitter.flush((line) => lines.push(line));
  } catch (caught) {
    if (!isWireError(caught)) throw caught;
    error = caught;
  }
  return { lines, error };
}

/** All ways to cut `data` in two, and the cut into single bytes. */
function cuts(data: Uint8Array): Uint8Array[][] {
  const inTwo = Array.from({ length: data.length + 1 }, (_, at) => [data.subarray(0, at), data.subarray(at)]);
  return [...inTwo, Array.from(data, (_, i) => data.subarray(i, i + 1))];
}

test.each([
  ['LF and CRLF', 'a\nb\r\nc\n', ['a', 'b', 'c']],
  ['blank lines', '\n\na\n\r\n', ['', '', 'a', '']],
  ['a last line without a line break', 'a\nb', ['a', 'b']],
  ['a byte order mark, once', '\uFEFFa\n\uFEFFb\n', ['a', '\uFEFFb']],
  ['characters of two, three and four bytes', 'ä\n€\n🙂🙂\n', ['ä', '€', '🙂🙂']],
  ['a lone CR, which ends no line', 'a\rb\n', ['a\rb']],
])('splits %s, however the bytes are cut', (_, text, lines) => {
  for (const pieces of cuts(bytes(text))) expect(split(pieces)).toEqual({ lines, error: undefined });
});

test.each([
  ['a\rb\r\rc', ['a', 'b', '', 'c']],
  ['a\r\nb\n\rc\r\n', ['a', 'b', '', 'c']],
  ['\r\n\r\n', ['', '']],
])('splits %j at carriage returns too where asked, however it is cut', (text, lines) => {
  for (const pieces of cuts(bytes(text))) {
    expect(split(pieces, { carriageReturns: true })).toEqual({ lines, error: undefined });
  }
});

test('a line longer than allowed fails after the lines before it, with its place', () => {
  for (const pieces of cuts(bytes('ok\n12345\n123456\nnever\n'))) {
    const { lines, error } = split(pieces, { maxLineBytes: 5 });
    expect(lines).toEqual(['ok', '12345']);
    expect(error).toMatchObject({ code: 'line-too-long', line: 3, byteOffset: 9 });
  }
});

test('a line longer than allowed fails before the rest of it arrives', () => {
  const splitter = new LineSplitter({ maxLineBytes: 10 });
  splitter.push(bytes('0123456789'), () => undefined);
  expect(() => splitter.push(bytes('x'), () => undefined)).toThrow('longer than maxLineBytes (10 bytes)');
});

test('bytes that are not UTF-8 fail after the lines before them, with their place', () => {
  const data = Buffer.concat([bytes('ä\nb\n'), Buffer.from([0x63, 0xff, 0x0a]), bytes('d\n')]);
  for (const pieces of cuts(data)) {
    const { lines, error } = split(pieces);
    expect(lines).toEqual(['ä', 'b']);
    expect(error).toMatchObject({ code: 'utf8-invalid', line: 3, byteOffset: 5, excerpt: 'c\uFFFD\n'.slice(0, 2) });
  }
});

describe('lines before a broken one, in the same piece', () => {
  const broken: [string, Uint8Array, LineSplitterOptions, string, string][] = [
    ['too long', bytes('x'.repeat(100)), { maxLineBytes: 90 }, 'line-too-long', 'x'.repeat(80)],
    [
      'not UTF-8',
      Buffer.concat([bytes('y'.repeat(79)), Buffer.of(0xff, 0xff), bytes('y'.repeat(9))]),
      {},
      'utf8-invalid',
      `${'y'.repeat(79)}\uFFFD`,
    ],
  ];

  test.each(broken)('come out as always: %s', (_, last, options, code, excerpt) => {
    const before = bytes('\uFEFFa\n\uFEFFb\r\n\n\r\nc\rd\r\r\n');
    const { lines, error } = split([Buffer.concat([before, last, bytes('\nnever\n')])], options);
    expect(lines).toEqual(['a', '\uFEFFb', '', '', 'c\rd\r']);
    expect(error).toMatchObject({ code, line: 6, byteOffset: before.length, excerpt });
  });

  test.each(broken)('come out as always where carriage returns end lines: %s', (_, last, options, code, excerpt) => {
    const before = bytes('\uFEFFa\n\uFEFFb\r\n\n\r\n\rc\rdd\r\re\n');
    for (const lineBreak of ['\n', '\r', '\r\n']) {
      const data = Buffer.concat([before, last, bytes(`${lineBreak}never\n`)]);
      const { lines, error } = split([data], { ...options, carriageReturns: true });
      expect(lines).toEqual(['a', '\uFEFFb', '', '', '', 'c', 'dd', '', 'e']);
      expect(error).toMatchObject({ code, line: 10, byteOffset: before.length, excerpt });
    }
  });

  test('know their offset', () => {
    const splitter = new LineSplitter({ maxLineBytes: 5, carriageReturns: true });
    const offsets: number[] = [];
    const push = () =>
      splitter.push(bytes('a\r\nbb\rcc\n123456\n'), () => offsets.push(splitter.byteOffset(), splitter.lineNumber));
    expect(push).toThrow('line 4 is longer than maxLineBytes (5 bytes)');
    expect(offsets).toEqual([0, 1, 3, 2, 6, 3]);
  });
});

test.each([
  ['\n', false],
  ['\n', true],
  ['\r', true],
  ['\r\n', true],
])('the line break %j does not count for the length of a line', (lineBreak, carriageReturns) => {
  const line = `12345${lineBreak}`;
  for (const pieces of [[bytes(line.repeat(3))], ...cuts(bytes(line))]) {
    const { lines, error } = split(pieces, { maxLineBytes: 5, carriageReturns });
    expect(error).toBeUndefined();
    expect(new Set(lines)).toEqual(new Set(['12345']));
  }
});

test.each(['\n', '\r\n'])(
  'blank lines among many are lines too, in more bytes than one line may have: %j',
  (lineBreak) => {
    const lines = ['', '12345', '', '', '12345', ''];
    const data = bytes(lines.map((line) => line + lineBreak).join(''));
    for (const carriageReturns of [false, true]) {
      for (const pieces of cuts(data)) {
        expect(split(pieces, { maxLineBytes: 6, carriageReturns })).toEqual({ lines, error: undefined });
      }
    }
  },
);

test.each(['\r', '\r\n', '\n'])('a line break %j makes no line shorter', (lineBreak) => {
  const { error } = split([bytes(`123456${lineBreak}`)], { maxLineBytes: 5, carriageReturns: true });
  expect(error).toMatchObject({ code: 'line-too-long', excerpt: '123456' });
});

test('a line that is too long shows what came of it', () => {
  const begun = split([bytes('ok\n123'), bytes('4'.repeat(200))], { maxLineBytes: 100 });
  expect(begun.error).toMatchObject({ line: 2, byteOffset: 3, excerpt: `123${'4'.repeat(77)}` });
  const whole = split([bytes('5'.repeat(101))], { maxLineBytes: 100 });
  expect(whole.error).toMatchObject({ line: 1, byteOffset: 0, excerpt: '5'.repeat(80) });
});

test('a stream that ends inside a character is not UTF-8', () => {
  const { lines, error } = split([bytes('a\n'), bytes('🙂').subarray(0, 2)]);
  expect(lines).toEqual(['a']);
  expect(error).toMatchObject({ code: 'utf8-invalid', line: 2, byteOffset: 2 });
});

test('knows the offset of the line in hand', () => {
  for (const pieces of cuts(bytes('ä\r\nbb\n\ncc'))) {
    const splitter = new LineSplitter();
    const offsets: number[] = [];
    for (const piece of pieces) splitter.push(piece, () => offsets.push(splitter.byteOffset()));
    splitter.flush(() => offsets.push(splitter.byteOffset()));
    expect(offsets).toEqual([0, 4, 7, 8]);
  }
});

test('a long line in single bytes costs memory for itself, not for its pieces', () => {
  const splitter = new LineSplitter();
  const piece = bytes('x');
  const before = process.memoryUsage().arrayBuffers;
  for (let i = 0; i < 1_000_000; i++) splitter.push(piece, () => undefined);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8_000_000);
  const lines: number[] = [];
  splitter.push(bytes('\n'), (line) => lines.push(line.length));
  expect(lines).toEqual([1_000_000]);
});

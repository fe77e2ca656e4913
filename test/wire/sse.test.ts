import { createParser } from 'eventsource-parser';
import fc from 'fast-check';
import { encodeSseEvent, SseDecoder, type SseEvent } from '../../src/wire/sse';
import { cutBytes, intoSingleBytes, utf8 } from './split-anywhere';

function decode(pieces: Uint8Array[], maxEventBytes?: number): SseEvent[] {
  const decoder = new SseDecoder(maxEventBytes);
  const events: SseEvent[] = [];
  for (const piece of pieces) decoder.push(piece, (event) => events.push(event));
  return events;
}

/** What the usual library makes of the whole text. */
function oracle(text: string): SseEvent[] {
  const events: SseEvent[] = [];
  const parser = createParser({
    onEvent: ({ data, event, id }) =>
      events.push({ data, ...(event !== undefined && { event }), ...(id !== undefined && { id }) }),
  });
  parser.feed(text);
  return events;
}

const soup = fc
  .array(
    fc.constantFrom(
      'data',
      'event',
      'id',
      'retry',
      ':',
      ': ',
      '\n',
      '\n\n',
      '\r\n',
      '\r',
      'x',
      ' ',
      '7',
      '\u{1f642}',
      '\0',
      'ä',
    ),
    { maxLength: 40 },
  )
  // A trailing CR may begin a CRLF: the library waits for the next byte, which never comes.
  .map((parts) => `${parts.join('')}\n\n`);

test('agrees with eventsource-parser on the whole text, however the bytes are cut', () => {
  fc.assert(
    fc.property(
      soup.chain((text) => cutBytes(fc.constant(utf8(text))).map((pieces) => ({ text, pieces }))),
      ({ text, pieces }) => {
        expect(decode(pieces)).toEqual(oracle(text));
      },
    ),
    { numRuns: 500 },
  );
});

test('agrees with eventsource-parser on a stream with everything in it', () => {
  const text =
    ': comment\r\ndata: a\r\ndata:b\r\ndata\r\n\r\nid: 1\rdata:  two spaces\r\revent: tick\ndata: {"a":1}\n\nevent: none\n\nretry: 10\nid\ndata: x\nunknown: y\n\nevent:tock\nid:8\ndata:c\n\n';
  expect(oracle(text)).toHaveLength(5);
  for (const pieces of [[utf8(text)], intoSingleBytes(utf8(text))]) expect(decode(pieces)).toEqual(oracle(text));
});

test('any event comes back as it went out, line breaks of the data as LF', () => {
  const line = fc.string({ unit: 'grapheme' }).filter((text) => !/[\r\n\0]/.test(text));
  const event = fc.record(
    { data: fc.string({ unit: 'grapheme' }), event: line.filter((text) => text !== ''), id: line },
    { requiredKeys: ['data'] },
  );
  fc.assert(
    fc.property(event, (sent) => {
      const received = decode(intoSingleBytes(utf8(encodeSseEvent(sent))));
      expect(received).toEqual([{ ...sent, data: sent.data.replace(/\r\n?/g, '\n') }]);
      expect(oracle(encodeSseEvent(sent))).toEqual(received);
    }),
    { numRuns: 150 },
  );
});

test('a CR in the data cannot forge a field', () => {
  const forged = { data: 'a\revent: $end\r\ndata: {}\n' };
  expect(decode([utf8(encodeSseEvent(forged))])).toEqual([{ data: 'a\nevent: $end\ndata: {}\n' }]);
});

test('refuses what a field cannot hold', () => {
  for (const event of [
    { data: '', event: 'a\nb' },
    { data: '', id: 'a\rb' },
    { data: '', id: 'a\0' },
  ]) {
    expect(() => encodeSseEvent(event)).toThrow(expect.objectContaining({ code: 'value-unencodable' }));
  }
});

test('an event without end is bounded, by line and by event', () => {
  expect(() => decode([utf8(`data: ${'x'.repeat(100)}`)], 64)).toThrow(
    expect.objectContaining({ code: 'line-too-long' }),
  );
  expect(() => decode([utf8('data: 0123456789\n'.repeat(10))], 64)).toThrow(
    expect.objectContaining({ code: 'line-too-long' }),
  );
});

test('the data of an event may be as long as allowed', () => {
  expect(decode([utf8('data: 12345\ndata: 7890\n\n')], 12)).toEqual([{ data: '12345\n7890' }]);
  expect(decode([utf8('data:1234\ndata:6789\ndata:12\n\n')], 12)).toEqual([{ data: '1234\n6789\n12' }]);
  expect(() => decode([utf8('data:1234\ndata:6789\ndata:123\n\n')], 12)).toThrow(
    expect.objectContaining({ code: 'line-too-long', line: 3, byteOffset: 20 }),
  );
});

test('a stream that ends inside an event says so, one that ends after a comment does not', () => {
  const cut = new SseDecoder();
  cut.push(utf8('data: a\n'), () => undefined);
  expect(() => cut.flush(() => undefined)).toThrow(expect.objectContaining({ code: 'event-truncated' }));
  const whole = new SseDecoder();
  whole.push(utf8('data: a\n\n: bye\n'), () => undefined);
  expect(() => whole.flush(() => undefined)).not.toThrow();
});

test('fields that are not data are counted, comments and white space are not', () => {
  const decoder = new SseDecoder();
  decoder.push(utf8('event: a\nid: 1\ndata: b\n\n: comment\n  \nretry: 1\nwords\n'), () => undefined);
  expect(decoder.otherFields).toBe(4);
});

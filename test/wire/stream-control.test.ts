import fc from 'fast-check';
import {
  controlOfEvent,
  controlOfValue,
  encodeControl,
  refuseReservedEvent,
  refuseReservedKey,
} from '../../src/wire/stream-control';

test('the markers are these bytes', () => {
  expect(encodeControl('ndjson', 'end', { final: { n: 1 }, chunks: 2 })).toBe(
    '{"$stream":{"end":{"final":{"n":1},"chunks":2}}}\n',
  );
  expect(encodeControl('ndjson', 'start', { version: '1' })).toBe('{"$stream":{"start":{"version":"1"}}}\n');
  expect(encodeControl('sse', 'error', { type: 'E', message: 'm', retryable: true })).toBe(
    'event: $error\ndata: {"type":"E","message":"m","retryable":true}\n\n',
  );
});

test('a marker is read back as it was written', () => {
  const failure = { type: 'E', message: 'm', data: [1], issues: [{ message: 'i', path: ['a', 0] }], retryable: false };
  expect(controlOfValue(JSON.parse(encodeControl('ndjson', 'error', failure)))).toEqual({
    kind: 'error',
    body: failure,
  });
  expect(controlOfEvent({ event: '$end', data: '{"final":1,"chunks":0}' })).toEqual({
    kind: 'end',
    body: { final: 1, chunks: 0 },
  });
});

test('no value of a user reads as a marker once it passed', () => {
  const key = fc.constantFrom('$stream', 'end', 'error', 'a');
  const value = fc.letrec((tie) => ({
    node: fc.oneof(fc.constantFrom(1, '$stream', null), fc.dictionary(key, tie('node'), { maxKeys: 2 })),
  })).node;
  fc.assert(
    fc.property(value, (sent) => {
      const line = JSON.stringify(sent);
      const isReserved = typeof sent === 'object' && sent !== null && '$stream' in sent;
      if (isReserved) expect(() => refuseReservedKey(line)).toThrow('rename it');
      else {
        refuseReservedKey(line);
        expect(controlOfValue(JSON.parse(line))).toBeUndefined();
      }
    }),
  );
});

test('a toJSON cannot smuggle a marker in', () => {
  const line = JSON.stringify({ toJSON: () => ({ $stream: { end: {} } }) });
  expect(() => refuseReservedKey(line)).toThrow(expect.objectContaining({ code: 'reserved-key' }));
});

test('event types with a dollar sign in front are reserved', () => {
  expect(() => refuseReservedEvent({ data: '', event: '$mine' })).toThrow("must not use the name '$mine'");
  for (const event of [undefined, 'mine', 'mi$ne'])
    expect(() => refuseReservedEvent({ data: '', event })).not.toThrow();
  expect(controlOfEvent({ data: '{}', event: 'end' })).toBeUndefined();
  expect(controlOfEvent({ data: '' })).toBeUndefined();
});

test('a marker event whose data is not JSON is malformed', () => {
  expect(() => controlOfEvent({ event: '$end', data: 'x' })).toThrow(
    expect.objectContaining({ code: 'control-invalid' }),
  );
});

const refused = (what: string) =>
  expect.objectContaining({
    code: 'control-invalid',
    message: expect.stringContaining(`a stream marker is malformed: ${what}`),
  });

test.each([
  [{ $stream: { end: {} }, more: 1 }, "'$stream' must be the only key and hold one marker"],
  [{ $stream: { end: {}, start: {} } }, "'$stream' must be the only key and hold one marker"],
  [{ $stream: {} }, "'$stream' must be the only key and hold one marker"],
  [{ $stream: 'end' }, "'$stream' must be the only key and hold one marker"],
  [{ $stream: ['end'] }, "'$stream' must be the only key and hold one marker"],
  [{ $stream: { end: [] } }, "'end' must hold an object"],
  [{ $stream: { start: null } }, "'start' must hold an object"],
  [{ $stream: { start: { version: 1 } } }, "'version' must be a string"],
  [{ $stream: { end: { chunks: '1' } } }, "'chunks' must be a number"],
  [{ $stream: { error: { message: 'm' } } }, "'error' must have a type"],
  [{ $stream: { error: { type: 'E', message: 1 } } }, "'message' must be a string"],
  [{ $stream: { error: { type: 'E', issues: {} } } }, "'issues' must be an array"],
  [{ $stream: { error: { type: 'E', retryable: 1 } } }, "'retryable' must be a boolean"],
  [{ $stream: { error: { type: 'E', statusCode: '400' } } }, "'statusCode' must be a number"],
])('%j is a malformed marker', (value, what) => {
  expect(() => controlOfValue(value)).toThrow(refused(what));
  const [name, body] = Object.entries((value as { $stream: object }).$stream)[0] ?? [];
  if (what.includes('only key')) return;
  expect(() => controlOfEvent({ event: `$${name}`, data: JSON.stringify(body) })).toThrow(refused(what));
});

test('a marker of a later protocol is unknown, whatever it holds', () => {
  expect(controlOfValue({ $stream: { beat: 1 } })).toEqual({ kind: 'unknown', name: 'beat' });
  expect(controlOfEvent({ event: '$beat', data: '{}' })).toEqual({ kind: 'unknown', name: 'beat' });
});

test('what a failure leaves out is absent, and an issue always has words and a path', () => {
  expect(controlOfValue({ $stream: { error: { type: 'E', issues: [1, { message: 'm', path: 'a' }] } } })).toEqual({
    kind: 'error',
    body: {
      type: 'E',
      message: '',
      issues: [
        { message: '', path: [] },
        { message: 'm', path: [] },
      ],
    },
  });
  expect(controlOfValue({ $stream: { start: {} } })).toEqual({ kind: 'start', body: {} });
});

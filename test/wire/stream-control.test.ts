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

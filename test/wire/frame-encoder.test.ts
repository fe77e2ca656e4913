import { EventStreamCodec } from '@smithy/core/event-streams';
import {
  encodeErrorFrame,
  encodeException,
  encodeFrame,
  encodeInvokeComplete,
  encodePayloadChunk,
} from '../../src/wire/frame-encoder';

const fromUtf8 = (text: string) => new TextEncoder().encode(text);
const toUtf8 = (bytes: Uint8Array | string) => (typeof bytes === 'string' ? bytes : new TextDecoder().decode(bytes));
const smithy = new EventStreamCodec(toUtf8, fromUtf8);

function smithyFrame(headers: Record<string, string>, body: Uint8Array): Uint8Array {
  const typed = Object.entries(headers).map(([name, value]) => [name, { type: 'string' as const, value }]);
  return smithy.encode({ headers: Object.fromEntries(typed), body });
}

test.each([
  ['an empty frame', {}, ''],
  ['one header', { a: 'b' }, ''],
  ['headers in the order given', { ':z': '1', ':a': '2', ':event-type': 'PayloadChunk' }, 'hello'],
  ['an empty value and a non-ASCII one', { empty: '', text: 'zwölf 🙂' }, '🙂'],
  ['a name of the greatest length', { ['n'.repeat(255)]: 'v' }, 'y'],
  ['a value of the greatest length', { long: 'x'.repeat(0x7fff) }, 'y'],
])('encodes %s as the SDK does, byte for byte', (_, headers: Record<string, string>, body) => {
  expect(Buffer.from(encodeFrame(headers, fromUtf8(body)))).toEqual(Buffer.from(smithyFrame(headers, fromUtf8(body))));
});

test('a payload chunk is the event the SDK decodes, headers in the order of the service', () => {
  const payload = Uint8Array.from({ length: 70_000 }, (_, i) => i % 256);
  const { headers, body } = smithy.decode(encodePayloadChunk(payload));
  expect(Object.entries(headers).map(([name, { value }]) => [name, value])).toEqual([
    [':event-type', 'PayloadChunk'],
    [':content-type', 'application/octet-stream'],
    [':message-type', 'event'],
  ]);
  expect(Buffer.from(body).equals(Buffer.from(payload))).toBe(true);
});

test('invoke complete without members has the body {}', () => {
  expect(toUtf8(smithy.decode(encodeInvokeComplete()).body)).toBe('{}');
  const { headers, body } = smithy.decode(encodeInvokeComplete({ ErrorCode: 'Unhandled', LogResult: 'bG9n' }));
  expect(JSON.parse(toUtf8(body))).toEqual({ ErrorCode: 'Unhandled', LogResult: 'bG9n' });
  expect(headers[':event-type']?.value).toBe('InvokeComplete');
});

test('an exception names its type, an error frame its code and message', () => {
  const exception = smithy.decode(encodeException('TooManyRequestsException', '{"message":"slow down"}'));
  expect(exception.headers[':message-type']?.value).toBe('exception');
  expect(exception.headers[':exception-type']?.value).toBe('TooManyRequestsException');
  expect(toUtf8(exception.body)).toBe('{"message":"slow down"}');
  const error = smithy.decode(encodeErrorFrame('InternalServerError', 'x'));
  expect(error.headers[':error-code']?.value).toBe('InternalServerError');
  expect(error.headers[':error-message']?.value).toBe('x');
  expect(error.headers[':message-type']?.value).toBe('error');
  expect(error.body).toHaveLength(0);
});

test('a frame may have 24 MiB', () => {
  expect(encodeFrame({}, new Uint8Array(25_165_824 - 16))).toHaveLength(25_165_824);
});

test('refuses what a frame cannot hold', () => {
  const nothing = new Uint8Array(0);
  for (const [headers, payload, kind] of [
    [{ ['n'.repeat(256)]: 'v' }, nothing, 'frame-headers'],
    [{ '': 'v' }, nothing, 'frame-headers'],
    [{ name: 'v'.repeat(0x8000) }, nothing, 'frame-headers'],
    [{}, new Uint8Array(25_165_824 - 15), 'frame-length'],
  ] as const) {
    expect(() => encodeFrame(headers, payload)).toThrow(expect.objectContaining({ name: 'WireError', code: kind }));
  }
});

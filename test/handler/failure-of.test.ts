import { streamContract } from 'cdk-lambda-streaming/contract';
import { ApplicationError, streamHandler } from 'cdk-lambda-streaming/handler';
import { failureOf } from '../../src/handler/failure-of';
import { itemsOf, record } from './record';

const circular: Record<string, unknown> = {};
circular.itself = circular;
const throwing = () => {
  throw new Error('do not look');
};
const throwNoError = () => {
  throw Object.create(null);
};
const revoked = () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};
const LEFT_OUT = '(its data or head cannot be sent)';

describe.each(['ndjson', 'sse'] as const)('the error marker of %s', (format) => {
  const contract = streamContract({ format });

  /** What the caller reads of a handler that throws `thrown`. */
  async function told(thrown: unknown) {
    const handler = streamHandler(contract, () => {
      throw thrown;
    });
    const recorded = await record(handler);
    return { items: itemsOf(contract, recorded), failed: recorded.failed };
  }

  test.each<[string, unknown, object]>([
    ['undefined', undefined, { type: 'Error', message: 'undefined' }],
    ['null', null, { type: 'Error', message: 'null' }],
    ['a string', 'text', { type: 'Error', message: 'text' }],
    ['a BigInt', 5n, { type: 'Error', message: '5' }],
    ['a symbol', Symbol('s'), { type: 'Error', message: 'Symbol(s)' }],
    ['a message that is a BigInt', { message: 5n }, { type: 'Error', message: '5' }],
    ['name and message of other types', { name: 5, message: {} }, { type: 'Error', message: '[object Object]' }],
    ['no name', { name: null, message: null }, { type: 'Error', message: 'null' }],
    ['no prototype', Object.create(null), { type: 'Error', message: 'unreadable' }],
    ['getters that throw', Object.defineProperty({}, 'message', { get: throwing }), { type: 'Error' }],
    ['a revoked proxy', revoked(), { type: 'Error', message: 'unreadable' }],
    ['a crash', new TypeError('boom'), { type: 'TypeError', message: 'boom' }],
  ])('tells of what is thrown, and the invocation fails with that itself: %s', async (_, thrown, failure) => {
    const { items, failed } = await told(thrown);
    expect(items).toEqual([{ kind: 'error', failure: expect.objectContaining(failure) }]);
    expect(failed).toHaveLength(1);
    expect(Object.is(failed[0], thrown)).toBe(true);
  });

  test.each<[string, unknown]>([
    ['a BigInt', 5n],
    ['a circle', circular],
    ['a toJSON that throws', { toJSON: throwing }],
    ['a getter that throws what has no text', Object.defineProperty({}, 'a', { enumerable: true, get: throwNoError })],
  ])('leaves out data that is no JSON, says so, and fails the invocation: %s', async (_, data) => {
    const error = new ApplicationError('Quota', 'spent', { data, retryable: true, issues: [] });
    const { items, failed } = await told(error);
    expect(items).toEqual([{ kind: 'error', failure: { type: 'Quota', message: `spent ${LEFT_OUT}` } }]);
    expect(failed).toHaveLength(1);
    expect(failed[0]).toBe(error);
  });

  test('is well-formed whatever an application error holds', async () => {
    const odd = { retryable: 'yes', issues: null, data: undefined, statusCode: '404' } as never;
    const { items, failed } = await told(new ApplicationError(7 as never, 'm', odd));
    expect(items).toEqual([{ kind: 'error', failure: { type: 'Error', message: 'm', retryable: true } }]);
    expect(failed).toEqual([]);
  });
});

test('a toJSON is asked once', async () => {
  let calls = 0;
  const contract = streamContract({ format: 'ndjson' });
  const handler = streamHandler(contract, () => {
    throw new ApplicationError('E', 'm', { data: { toJSON: () => ++calls } });
  });
  const { body, failed } = await record(handler);
  expect(String(body)).toBe('{"$stream":{"error":{"type":"E","message":"m","data":1}}}\n');
  expect(failed).toEqual([]);
});

test.each([99, 199, 600, 404.5, Number.NaN, '404', 5n])('a status that HTTP has not becomes 500: %p', (statusCode) => {
  const error = new ApplicationError('E', 'm', { statusCode: statusCode as number });
  expect(failureOf(error).statusCode).toBe(500);
});

test('an error that cannot be read to its end is no answer', () => {
  const error = new ApplicationError('E', 'm', { statusCode: 5n as never, data: 1 });
  expect(failureOf(error)).toEqual({ type: 'E', message: 'm', statusCode: 500 });
});

test('the status of an application error is kept, also where its data is left out', () => {
  expect(failureOf(new ApplicationError('E', 'm', { statusCode: 429 })).statusCode).toBe(429);
  expect(failureOf(new ApplicationError('E', 'm', { statusCode: 429, data: 5n })).statusCode).toBe(429);
  const secretive = Object.assign(new Error('m'), { statusCode: 429, data: 'secret' });
  expect(failureOf(secretive)).toEqual({ type: 'Error', message: 'm', statusCode: 500 });
});

/** Handlers with a callback, which AWS runs on nodejs22.x and before. */
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { type LocalLambda, startLocalLambda, streamOf } from '../operations/local-lambda';

const HANDLERS = `
const later = (act) => setTimeout(act, 30);
let ticks = 0;
exports.calls = (event, context, callback) => later(() => callback(null, { event, ticks }));
exports.waits = (event, context, callback) => { callback(null, 'waited'); later(() => { ticks += 1; }); };
exports.hurries = (event, context, callback) => {
  context.callbackWaitsForEmptyEventLoop = false;
  setTimeout(() => {}, 10_000);
  callback(null, context.callbackWaitsForEmptyEventLoop);
};
exports.fails = (event, context, callback) => callback(new TypeError('no way'));
exports.throws = (event, context, callback) => { throw new RangeError('at once'); };
exports.forgets = (event, context, callback) => { later(() => {}); };
exports.returns = (event, context) => 'not awaited';
exports.promises = async (event, context, callback) => 'a promise';
exports.rejects = async (event, context, callback) => { throw new Error('rejected'); };
exports.hangs = async () => { await new Promise(() => {}); };
exports.done = (event, context) => context.done(null, 'done');
exports.succeed = (event, context) => later(() => context.succeed('succeeded'));
exports.fail = (event, context) => context.fail('in words');
exports.any = (event, context, callback) => exports[event](event, context, callback);
exports.streams = awslambda.streamifyResponse(async (event, stream, context) => { stream.write('a'); stream.end('b'); });
`;

let lambda: LocalLambda;
beforeAll(async () => {
  lambda = await startLocalLambda();
});
afterAll(() => lambda.stop());

function define(handler: string, runtime = 'nodejs22.x') {
  return lambda.define(HANDLERS, { file: 'index.js', handler: `index.${handler}`, runtime }).functionName;
}

async function resultOf(FunctionName: string, event: unknown = 1): Promise<unknown> {
  const Payload = Buffer.from(JSON.stringify(event));
  const { Payload: result } = await lambda.client.send(new InvokeCommand({ FunctionName, Payload }));
  return JSON.parse(Buffer.from(result ?? []).toString('utf8'));
}

test('a callback gives the result, when nothing else is left to do or at once; without one it is null', async () => {
  const expected: Record<string, unknown> = {
    calls: { event: 'calls', ticks: 0 },
    waits: 'waited',
    forgets: null,
    returns: null,
    promises: 'a promise',
    hangs: null,
    done: 'done',
    succeed: 'succeeded',
    fails: expect.objectContaining({ errorType: 'TypeError', errorMessage: 'no way' }),
    throws: expect.objectContaining({ errorType: 'RangeError', errorMessage: 'at once' }),
    rejects: expect.objectContaining({ errorType: 'Error', errorMessage: 'rejected' }),
    fail: expect.objectContaining({ errorMessage: 'in words' }),
  };
  const name = define('any');
  const results: Record<string, unknown> = {};
  for (const handler of Object.keys(expected)) results[handler] = await resultOf(name, handler);
  expect(results).toEqual(expected);
  expect(await resultOf(name, 'calls')).toEqual({ event: 'calls', ticks: 1 });
});

test('a callback that shall not wait does not', async () => {
  expect(await resultOf(define('hurries'))).toBe(false);
});

test('a streaming handler streams', async () => {
  expect((await streamOf(lambda.client, { FunctionName: define('streams') })).text).toBe('ab');
});

test('on nodejs24.x and later a callback is refused, as on AWS', async () => {
  expect(await resultOf(define('calls', 'nodejs24.x'))).toMatchObject({
    errorType: 'Runtime.CallbackHandlerDeprecated',
  });
});

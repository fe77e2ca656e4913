/**
 * Calls a handler as Node.js runtimes up to `nodejs22.x` do: with a callback as third parameter, and the results that only a
 * promise or the callback gives (https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html#nodejs-handler-callback).
 * AWS's runtime interface client of today does so no more; a copy of it with this in it runs those functions.
 */

type Callback = (error?: unknown, result?: unknown) => void;
type Handler = (event: unknown, context: object, callback: Callback) => unknown;

/** What the process does when it has nothing else to do: the end of an invocation whose handler said nothing. */
let whenEmpty: () => void = () => undefined;
process.on('beforeExit', () => {
  const act = whenEmpty;
  whenEmpty = () => undefined;
  act();
});

/** Settles once: what a handler says after that is dropped. */
export function callHandler(handler: Handler, event: unknown, context: object): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let waitsForEmptyEventLoop = true;
    const settle = (error: unknown, result: unknown, waits: boolean) => {
      whenEmpty = () => undefined;
      if (error !== undefined && error !== null) reject(error);
      else if (waits) whenEmpty = () => setImmediate(resolve, result);
      else resolve(result);
    };
    const callback: Callback = (error, result) => settle(error, result, waitsForEmptyEventLoop);
    const done = (error?: unknown, result?: unknown) => settle(error, result, false);
    const succeed = (result?: unknown) => done(undefined, result);
    const fail = (error?: unknown) => done(error ?? 'handled');
    Object.assign(context, { done, succeed, fail });
    Object.defineProperty(context, 'callbackWaitsForEmptyEventLoop', {
      enumerable: true,
      get: () => waitsForEmptyEventLoop,
      set: (value: boolean) => {
        waitsForEmptyEventLoop = value;
      },
    });
    whenEmpty = () => resolve(null);
    try {
      const returned = handler(event, context, callback);
      if (isPromise(returned)) returned.then(succeed, fail);
    } catch (error) {
      settle(error ?? 'handled', undefined, false);
    }
  });
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

/** Promises that begin late, end from outside, or may not be promises at all. */

/** By shape: in another realm, as under jest, a promise is not an instance of this one's `Promise`. */
export function isPromise<T>(value: T | PromiseLike<T>): value is PromiseLike<T> & Promise<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

/** A promise that is settled from outside. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: unknown): void;
}

/** Nobody has to look at its promise: a rejection that nobody asked for is not an unhandled one. */
export function createDeferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}

/** A promise whose work begins when somebody asks for its value. */
export class LazyPromise<T> implements Promise<T> {
  public readonly [Symbol.toStringTag] = 'LazyPromise';
  private promise: Promise<T> | undefined;

  public constructor(private readonly start: () => Promise<T>) {}

  // biome-ignore lint/suspicious/noThenProperty: being awaited is what it is for
  public then<Ok = T, Failed = never>(
    onValue?: ((value: T) => Ok | PromiseLike<Ok>) | null,
    onError?: ((error: unknown) => Failed | PromiseLike<Failed>) | null,
  ): Promise<Ok | Failed> {
    this.promise ??= this.start();
    return this.promise.then(onValue, onError);
  }

  public catch<Failed = never>(
    onError?: ((error: unknown) => Failed | PromiseLike<Failed>) | null,
  ): Promise<T | Failed> {
    return this.then(undefined, onError);
  }

  public finally(onSettled?: (() => void) | null): Promise<T> {
    return this.then().finally(onSettled);
  }
}

/** `start`, whose first promise everybody gets. */
export function once<T>(start: () => Promise<T>): () => Promise<T> {
  let first: Promise<T> | undefined;
  return () => {
    first ??= start();
    return first;
  };
}

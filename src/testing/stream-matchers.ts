/** Matchers for streams: `expect.extend(streamMatchers)` in jest and vitest. */
import { isObject } from '../base/is-object';
import { isPromise } from '../base/promises';
import { isStreamError, type StreamErrorCode, type StreamErrorDetails } from '../invoker';

/** What the matchers read: a stream of `streamInvoker` or `streamFetcher`. */
export interface MatchedStream extends AsyncIterable<unknown> {
  readonly result: Promise<{ readonly final: unknown }>;
}

/**
 * Their types. They all read the stream to its end, so they are to be awaited, and take the promise of `invoke()` as well.
 *
 *     declare global { namespace jest { interface Matchers<R, T> extends StreamMatchers {} } }   // jest
 *     declare module 'vitest' { interface Matchers<R extends void | Promise<void>, T> extends StreamMatchers {} } // vitest 5
 *     declare module 'vitest' { interface Matchers<T> extends StreamMatchers {} }                // vitest 4
 *     declare module 'vitest' { interface Assertion<T> extends StreamMatchers {} }               // vitest 3
 */
export interface StreamMatchers {
  /** The stream is whole, and has these chunks; asymmetric matchers such as `expect.any(String)` may be among them. */
  toStreamChunks(chunks: readonly unknown[]): Promise<void>;
  /** The stream is whole; with an argument, the handler returned this. Its chunks may have been read before. */
  toEndWhole(final?: unknown): Promise<void>;
  /** The call or its stream fails with a `StreamError` of this code, and with these members, such as `{ errorType: 'QuotaExceeded' }`. */
  toEndWithError<Code extends StreamErrorCode>(
    code: Code,
    members?: { readonly [Name in keyof StreamErrorDetails[Code]]?: unknown } & Readonly<Record<string, unknown>>,
  ): Promise<void>;
}

/** What of a matcher's `this` is used: jest and vitest have the same. */
export interface StreamMatcherContext {
  readonly isNot?: boolean | undefined;
  equals(a: unknown, b: unknown): boolean;
  readonly utils: { printExpected(value: unknown): string; printReceived(value: unknown): string };
}

export interface StreamMatcherResult {
  readonly pass: boolean;
  message(): string;
  /** Of which vitest shows the difference. */
  readonly actual?: unknown;
  readonly expected?: unknown;
}

/** How the call and its stream went. */
interface Outcome {
  readonly chunks: readonly unknown[];
  /** Undefined where the stream is whole. */
  readonly error?: unknown;
  readonly final?: unknown;
}

export const streamMatchers = {
  async toStreamChunks(
    this: StreamMatcherContext,
    received: unknown,
    expected: readonly unknown[],
  ): Promise<StreamMatcherResult> {
    const { chunks, error } = await outcomeOf('toStreamChunks', received, true);
    if (error !== undefined) {
      const message = () => `the stream should be whole, but after ${said(this, chunks)} it failed: ${String(error)}`;
      // Also with `not`: a stream that broke off says nothing about its chunks.
      return { pass: this.isNot === true, message };
    }
    const message = () =>
      `the chunks of the stream should ${this.isNot ? 'not ' : ''}be ${this.utils.printExpected(expected)}, got ${said(this, chunks)}`;
    return { pass: this.equals(chunks, expected), message, actual: chunks, expected };
  },

  async toEndWhole(
    this: StreamMatcherContext,
    received: unknown,
    ...finals: [final?: unknown]
  ): Promise<StreamMatcherResult> {
    const { error, final } = await outcomeOf('toEndWhole', received, false);
    if (error !== undefined) {
      return { pass: false, message: () => `the stream should end whole, but failed: ${String(error)}` };
    }
    if (finals.length === 0) return { pass: true, message: () => 'the stream should not end whole, but did' };
    const [expected] = finals;
    const message = () =>
      `the stream should ${this.isNot ? 'not ' : ''}end with ${this.utils.printExpected(expected)}, got ${said(this, final)}`;
    return { pass: this.equals(final, expected), message, actual: final, expected };
  },

  async toEndWithError(
    this: StreamMatcherContext,
    received: unknown,
    code: string,
    members: Readonly<Record<string, unknown>> = {},
  ): Promise<StreamMatcherResult> {
    const { error } = await outcomeOf('toEndWithError', received, false);
    const expected = { code, ...members };
    const wanted = `the stream should ${this.isNot ? 'not ' : ''}fail with ${this.utils.printExpected(expected)}`;
    if (error === undefined) return { pass: false, message: () => `${wanted}, but is whole` };
    if (!isStreamError(error) || !isObject(error)) {
      return { pass: false, message: () => `${wanted}, but failed with no StreamError: ${String(error)}` };
    }
    const facts: Readonly<Record<string, unknown>> = error;
    const actual = Object.fromEntries(Object.keys(expected).map((name) => [name, facts[name]]));
    const message = () => `${wanted}, got ${said(this, actual)}: ${String(error)}`;
    return { pass: this.equals(actual, expected), message, actual, expected };
  },
};

const said = ({ utils }: StreamMatcherContext, value: unknown): string => utils.printReceived(value);

/** @param readsChunks whether the chunks are wanted, which can be read once */
async function outcomeOf(matcher: string, received: unknown, readsChunks: boolean): Promise<Outcome> {
  const chunks: unknown[] = [];
  try {
    const stream = isPromise(received) ? await received : received;
    if (!isStream(stream))
      throw new TypeError(`${matcher}() takes a stream of streamInvoker or streamFetcher, or its promise`);
    if (readsChunks) for await (const chunk of stream) chunks.push(chunk);
    const { final } = await stream.result;
    return { chunks, final };
  } catch (error) {
    // A mistake of the test, such as reading twice, is not how a stream ends.
    if (error instanceof Error && error.name === 'TypeError') throw error;
    return { chunks, error };
  }
}

function isStream(value: unknown): value is MatchedStream {
  return isObject(value) && Symbol.asyncIterator in value && 'result' in value;
}

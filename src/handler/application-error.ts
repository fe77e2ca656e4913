/** An error a handler throws on purpose, for its caller to branch on. */

import type { StreamIssue } from '../wire/stream-control';

/** What an {@link ApplicationError} may say beyond its type and message. */
export interface ApplicationErrorOptions<Data = unknown> {
  /** Typed by the contract's `error` schema. */
  readonly data?: Data | undefined;
  /**
   * Whether the same call may succeed later.
   * @default false
   */
  readonly retryable?: boolean | undefined;
  /**
   * HTTP status where the function was called through an HTTP front end and nothing was sent yet.
   * @default 500
   */
  readonly statusCode?: number | undefined;
  /** What is wrong with the caller's input, for the type `InvalidInput`. */
  readonly issues?: readonly StreamIssue[] | undefined;
  /** What led to it; stays in the function. */
  readonly cause?: unknown;
}

const BRAND = /* @__PURE__ */ Symbol.for('cdk-lambda-streaming.ApplicationError');

/**
 * Thrown by a handler, it becomes the stream's error marker with all its data. The invocation itself then counts as
 * handled: it is an answer, and not a crash. Inside a handler, `ctx.error(…)` makes one that the contract types.
 */
export class ApplicationError<Data = unknown> extends Error implements ApplicationErrorOptions<Data> {
  declare public readonly type: string;
  declare public readonly data?: Data | undefined;
  declare public readonly retryable?: boolean | undefined;
  declare public readonly statusCode?: number | undefined;
  declare public readonly issues?: readonly StreamIssue[] | undefined;

  /** @param type what failed, as a name to branch on, for example `QuotaExceeded` */
  public constructor(type: string, message: string, options?: ApplicationErrorOptions<Data>) {
    super(message);
    Object.assign(this, { name: type, type }, options);
  }

  /** The same for each of them: what to branch on is `type`. */
  public get code(): 'APPLICATION_ERROR' {
    return 'APPLICATION_ERROR';
  }

  public get [BRAND](): true {
    return true;
  }
}

/** Whether `error` is an {@link ApplicationError}, also one of another copy of this package or of another realm. */
export const isApplicationError = (error: unknown): error is ApplicationError =>
  !!(error as Record<symbol, unknown> | undefined)?.[BRAND];

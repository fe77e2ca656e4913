/** What the author of a handler may choose, and what an invocation measures for it. */

/** What one invocation measured. */
export interface HandlerMeasurement {
  /** `complete`, or the type of the error that ended the stream, for example `InvalidInput` or `TypeError`. */
  readonly outcome: string;
  /** Times in milliseconds since the epoch; no first byte where none was written. */
  readonly startedAt: number;
  readonly firstByteAt?: number;
  readonly endedAt: number;
  /** Bytes of head, chunks, markers and fillers. */
  readonly bytes: number;
  readonly chunks: number;
  readonly requestId: string | undefined;
}

/** What an invocation counts while it runs. */
export type Measuring = { -readonly [Key in keyof Omit<HandlerMeasurement, 'endedAt'>]: HandlerMeasurement[Key] };

export interface StreamHandlerOptions {
  /**
   * Time before the function's timeout at which the stream is ended with a `DeadlineExceeded` error, in milliseconds.
   * @default 500, at most a tenth of the time left at the start
   */
  readonly deadlineMarginMs?: number | undefined;
  /**
   * Silence after which a filler is sent that readers skip, in milliseconds: an empty line in `ndjson`, a comment in
   * `sse`. It keeps open what closes silent connections, such as CloudFront after 30 seconds. False sends none.
   * A filler before the first chunk sends status and headers too. Not for `bytes` and `text`.
   * @default 15000
   * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesOrigin.html
   */
  readonly keepAliveMs?: number | false | undefined;
  /**
   * Whether the caller is told the message of an error that was not thrown on purpose by `ctx.error()` or as an
   * `ApplicationError`. Such messages name accounts, roles and resources, for example those of the AWS SDK. When false, the
   * error marker keeps the type of the error, and says that the function's log has the rest.
   * @default - true when invoked directly, which takes permission; false behind HTTP, whose callers may be anybody
   */
  readonly tellErrors?: boolean | undefined;
  /**
   * Called at the end of each invocation, for example `embeddedMetrics({ namespace: 'Chat' })`. Not waited for, so that
   * it cannot hold up the end of the stream; where it throws or rejects, that goes to console.error and changes nothing.
   * @default - no metrics
   */
  readonly metrics?: ((measured: HandlerMeasurement) => void) | undefined;
  /**
   * Bytes the runtime buffers before a write has to wait.
   * @default - the runtime's
   */
  readonly highWaterMark?: number | undefined;
}

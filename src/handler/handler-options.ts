/** What the author of a handler may choose. */
import type { StreamMeasurement } from './stream-metrics';

export interface StreamHandlerOptions {
  /**
   * Time before the function's timeout at which the stream is ended with a `DeadlineExceeded` error, in milliseconds.
   * @default 500, at most a tenth of the time left at the start
   */
  readonly deadlineMarginMs?: number | undefined;
  /**
   * Called at the end of each invocation, for example `streamMetrics({ namespace: 'Chat' })`. Not waited for, so that it
   * cannot hold up the end of the stream; where it throws or rejects, that goes to console.error and changes nothing.
   * @default - no metrics
   */
  readonly metrics?: ((measured: StreamMeasurement) => void) | undefined;
  /**
   * Bytes the runtime buffers before a write has to wait.
   * @default - the runtime's
   */
  readonly highWaterMark?: number | undefined;
}

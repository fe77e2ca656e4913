/** What the handler itself ended its stream with: a {@link StreamError} as soon as log tail and data are there. */

import { isPromise } from '../../base/promises';
import type { StreamContract } from '../../contract/stream-contract';
import { validate } from '../../contract/validate';
import type { StreamFailure } from '../../wire/stream-control';
import type { StreamError } from '../errors/stream-error';
import type { PayloadReader } from './payload-reader';
import type { StreamProgress } from './stream-progress';

/** The error's data as the contract has it, or why it is left out. */
interface CheckedData {
  readonly data?: unknown;
  readonly cause?: unknown;
}

export class HandlerFailure {
  private failure: StreamFailure | undefined;

  public constructor(
    private readonly contract: StreamContract,
    private readonly payloads: PayloadReader,
    private readonly progress: StreamProgress,
    private readonly logTailMs: number,
  ) {}

  /** The handler has ended its stream; the log tail, where it was asked for, comes a moment later. */
  public async errorOf(failure: StreamFailure): Promise<StreamError> {
    this.failure = failure;
    if (this.logTailMs > 0) this.progress.logTail = await this.payloads.readLogTail(this.logTailMs);
    const checked = this.check(failure.data);
    return this.error(failure, isPromise(checked) ? await this.payloads.race(checked) : checked);
  }

  /** What can be said before that: all but the data, which nothing has checked. */
  public errorSoFar(): StreamError | undefined {
    return this.failure && this.error(this.failure, {});
  }

  private error(failure: StreamFailure, { data, cause }: CheckedData): StreamError {
    const { type: errorType, message: errorMessage, issues, retryable = false } = failure;
    const details = { errorType, errorMessage, data, ...(issues && { issues }) };
    return this.progress.error('REMOTE', `${errorType}: ${errorMessage}`, details, { retryable, cause });
  }

  /** Data that breaks the contract must not hide the error it came with: it is left out, and the cause says why. */
  private check(received: unknown): CheckedData | Promise<CheckedData> {
    if (this.contract.error === undefined || received === undefined) return { data: received };
    try {
      const data = validate(this.contract.error, received, 'error');
      if (!isPromise(data)) return { data };
      return Promise.resolve(data).then(
        (value) => ({ data: value }),
        (cause) => ({ cause }),
      );
    } catch (cause) {
      return { cause };
    }
  }
}

/** The one error of the constructs: says which construct, what was wrong, and the way out. */
import type { IConstruct } from 'constructs';

/** The same symbol in every copy of this package, so that an error of another copy is recognised. */
const BRAND = Symbol.for('cdk-lambda-streaming.StreamingConstructError');

/**
 * A construct was told something that cannot work.
 *
 * The message begins with the path of the construct, in square brackets. The codes are listed in docs/checks.md.
 * Recognise it with `isStreamingConstructError()`. In other languages than TypeScript and JavaScript jsii raises an error
 * of its own with the same message.
 *
 * @jsii ignore
 */
export class StreamingConstructError extends Error {
  public readonly name = 'StreamingConstructError';

  public constructor(
    scope: IConstruct,
    /** Stable identifier of the rule that was broken. */
    public readonly code: string,
    message: string,
  ) {
    super(`[${scope.node.path}] ${message}`);
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/**
 * Whether something thrown is an error of the constructs, also of another copy of this package.
 *
 * @param error what was thrown
 *
 * @jsii ignore
 */
export function isStreamingConstructError(error: unknown): error is StreamingConstructError {
  return typeof error === 'object' && error !== null && BRAND in error;
}

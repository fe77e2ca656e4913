/** The one error of this floor: says which construct, what was wrong, and the way out. Recognise it by `name`, not by `instanceof`. */
import type { IConstruct } from 'constructs';

/** `name` of every error that the constructs throw. */
export const STREAMING_CONSTRUCT_ERROR = 'StreamingConstructError';

export class StreamingConstructError extends Error {
  public readonly name = STREAMING_CONSTRUCT_ERROR;

  constructor(
    scope: IConstruct,
    /** Stable identifier of the rule that was broken. */
    public readonly code: string,
    message: string,
  ) {
    super(`[${scope.node.path}] ${message}`);
  }
}

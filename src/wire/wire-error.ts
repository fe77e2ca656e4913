/** The one error of this floor: bytes or names that break a wire format, with a closed set of codes. */

/** What was broken. */
export type WireErrorCode =
  | 'frame-length'
  | 'frame-prelude-crc'
  | 'frame-message-crc'
  | 'frame-headers'
  | 'frame-truncated'
  | 'prelude-invalid'
  | 'prelude-too-long'
  | 'prelude-truncated'
  | 'utf8-invalid'
  | 'json-invalid'
  | 'line-too-long'
  | 'event-truncated'
  | 'control-invalid'
  | 'reserved-key'
  | 'function-name-invalid'
  | 'qualifier-invalid'
  | 'client-context-invalid'
  | 'client-context-too-long'
  | 'value-unencodable';

/** Where in a stream it was broken, as far as known. */
export interface WireErrorPlace {
  /** Line of the stream, counted from 1. */
  readonly line?: number;
  /** Offset in the stream of the first byte of the broken part. */
  readonly byteOffset?: number;
  /** First characters of the broken part, at most 80. */
  readonly excerpt?: string;
}

const BRAND = /* @__PURE__ */ Symbol.for('cdk-lambda-streaming.WireError');

/** Raised for data or names that break a wire format. Recognise it with {@link isWireError}. */
export class WireError extends Error implements WireErrorPlace {
  // Declared, not defined: the class ships inside every handler, and its fields are assigned at once below.
  declare public readonly code: WireErrorCode;
  declare public readonly line?: number;
  declare public readonly byteOffset?: number;
  declare public readonly excerpt?: string;

  public constructor(code: WireErrorCode, message: string, place?: WireErrorPlace & { readonly cause?: unknown }) {
    super(message);
    Object.assign(this, { name: 'WireError', code }, place);
  }

  public get [BRAND](): true {
    return true;
  }
}

/** Whether `error` is a {@link WireError}, also one of another copy of this package or of another realm. */
export function isWireError(error: unknown, code?: WireErrorCode): error is WireError {
  const { [BRAND]: isBranded, code: its } = (error ?? {}) as Partial<WireError>;
  return isBranded === true && (code === undefined || its === code);
}

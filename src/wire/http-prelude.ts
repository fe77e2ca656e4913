/**
 * The HTTP prelude: status, headers and cookies as JSON, then eight NUL bytes, then the body. Encodes it and splits it off.
 * JSON text holds no NUL byte, so the first one is the delimiter's.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html
 */
import { isObject } from '../base/is-object';
import { HTTP_PRELUDE_MAX_BYTES } from './limits';
import { WireError } from './wire-error';

const PRELUDE_DELIMITER_BYTES = 8;

/** What an HTTP front end sends before the body. */
export interface HttpPrelude {
  /** @default 200 */
  readonly statusCode?: number | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Values of `Set-Cookie` headers. */
  readonly cookies?: readonly string[] | undefined;
}

/**
 * JSON and delimiter, to be written before the first byte of the body.
 * @throws RangeError for one that no front end takes; not a WireError, whose class would ship in every handler for it
 */
export function encodePrelude(prelude: HttpPrelude): Uint8Array {
  const bytes = Buffer.from(JSON.stringify(prelude) + '\0'.repeat(PRELUDE_DELIMITER_BYTES));
  if (bytes.length <= HTTP_PRELUDE_MAX_BYTES) return bytes;
  throw new RangeError(`the HTTP prelude has ${bytes.length} bytes, ${HTTP_PRELUDE_MAX_BYTES} are possible`);
}

/** Takes a response apart that begins with a prelude, however it is cut into pieces. */
export class PreludeSplitter {
  /** Defined from the moment its last byte was pushed. */
  public prelude: HttpPrelude | undefined;
  private head = new Uint8Array(0);

  /** @param maxBytes most bytes of prelude and delimiter; a service may send more than a front end accepts */
  public constructor(private readonly maxBytes: number = HTTP_PRELUDE_MAX_BYTES * 4) {}

  /** The part of `bytes` that belongs to the body; empty as long as the prelude is not complete. */
  public push(bytes: Uint8Array): Uint8Array {
    if (this.prelude !== undefined) return bytes;
    const before = this.head.length;
    // Only the bounded head is ever joined, so a body of any size costs no copy.
    const taken = bytes.subarray(0, this.maxBytes - before);
    this.head = join(this.head, taken);
    const bodyStart = this.bodyStart();
    if (bodyStart === undefined) {
      if (this.head.length >= this.maxBytes)
        throw this.failure('prelude-too-long', `none within ${this.maxBytes} bytes`);
      return new Uint8Array(0);
    }
    this.prelude = this.parse(this.head.subarray(0, bodyStart - PRELUDE_DELIMITER_BYTES));
    this.head = new Uint8Array(0);
    return bytes.subarray(bodyStart - before);
  }

  /** To be called at the end of the response; throws where it ended inside the prelude. */
  public finish(): void {
    if (this.prelude === undefined) {
      throw this.failure('prelude-truncated', `the response ended after ${this.head.length} bytes`);
    }
  }

  private bodyStart(): number | undefined {
    const nul = this.head.indexOf(0);
    if (nul === -1) return undefined;
    const delimiter = this.head.subarray(nul, nul + PRELUDE_DELIMITER_BYTES);
    if (delimiter.some((byte) => byte !== 0)) {
      throw this.failure('prelude-invalid', `a NUL byte at offset ${nul} is not followed by seven more`);
    }
    return delimiter.length === PRELUDE_DELIMITER_BYTES ? nul + PRELUDE_DELIMITER_BYTES : undefined;
  }

  private parse(json: Uint8Array): HttpPrelude {
    let value: unknown;
    try {
      value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json));
    } catch (cause) {
      throw this.failure('prelude-invalid', 'it is not JSON', cause);
    }
    const problem = preludeProblem(value);
    if (problem !== undefined) throw this.failure('prelude-invalid', problem);
    return value as HttpPrelude;
  }

  private failure(kind: 'prelude-invalid' | 'prelude-too-long' | 'prelude-truncated', what: string, cause?: unknown) {
    const excerpt = new TextDecoder().decode(this.head.subarray(0, 80));
    return new WireError(kind, `expected an HTTP prelude (JSON, then 8 NUL bytes): ${what}`, { excerpt, cause });
  }
}

function join(left: Uint8Array, right: Uint8Array): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(left.length + right.length);
  joined.set(left);
  joined.set(right, left.length);
  return joined;
}

function preludeProblem(value: unknown): string | undefined {
  if (!isObject(value)) return 'it is not a JSON object';
  const { statusCode, headers, cookies } = value;
  if (statusCode !== undefined && !Number.isInteger(statusCode)) return `statusCode is ${JSON.stringify(statusCode)}`;
  if (headers !== undefined && !isObject(headers)) return 'headers is not an object';
  if (cookies !== undefined && !Array.isArray(cookies)) return 'cookies is not an array';
  return undefined;
}

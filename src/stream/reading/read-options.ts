/** How a stream is read, and how long its reader waits. */
import { FUNCTION_TIMEOUT_MAX_SECONDS } from '../../wire/limits';
import type { InvalidUtf8 } from '../../wire/utf8-decoder';

/** No stream of a healthy function is silent for longer: its timeout, and ten seconds for the way. */
export const LONGEST_SILENCE_MS = (FUNCTION_TIMEOUT_MAX_SECONDS + 10) * 1_000;

/** Bytes kept ahead of a reader unless told otherwise. */
export const HIGH_WATER_MARK = 256 * 1024;

/** All in milliseconds; 0 or `Infinity` switch a clock off. */
export interface StreamTimeouts {
  /**
   * From the request, its credentials included, to the response headers, which the function's start may delay; for each
   * attempt. What comes before the first one, an asynchronous input schema and the lookup of the target, may take as
   * long again each.
   * @default 910_000, Lambda's longest function timeout and ten seconds
   */
  readonly headersMs?: number | undefined;
  /**
   * From the request to the first byte of the payload, whether the response headers are here or not: a handler sends
   * them with its first chunk. For each attempt. After the headers it counts as long as a reader waits.
   * @default - idleMs, where headersMs is not given; else not limited until the headers, and idleMs after them
   */
  readonly firstByteMs?: number | undefined;
  /**
   * Longest wait for more payload; of a frame of more than 16 KiB every byte counts. Runs only while a reader waits: a
   * slow reader never runs into it.
   * @default 910_000, Lambda's longest function timeout and ten seconds
   */
  readonly idleMs?: number | undefined;
  /**
   * From the call of `invoke()` to the end of the response, reader or not.
   * @default - not limited
   */
  readonly totalMs?: number | undefined;
}

/** How a stream is read. */
export interface ReadOptions {
  readonly timeouts?: StreamTimeouts | undefined;
  /**
   * Whether to check chunks and the final value against the contract's schemas. Without it values are parsed only: no
   * transforms, no defaults.
   * @default true
   */
  readonly validate?: boolean | undefined;
  /**
   * What to do with bytes of format `text` that are not UTF-8: raise `DECODE`, or put U+FFFD in their place.
   * @default 'fatal'
   */
  readonly invalidUtf8?: InvalidUtf8 | undefined;
  /**
   * Most bytes of payload accepted; more is `RESPONSE_TOO_LARGE`.
   * @default 210_000_000, just above what Lambda can send
   */
  readonly maxResponseBytes?: number | undefined;
  /**
   * Bytes kept ahead of the reader before the connection is held back.
   * @default 262_144
   */
  readonly highWaterMark?: number | undefined;
}

/** Which limit holds the wait for the first byte before the response headers; undefined where only `headersMs` does. */
export function firstByteLimit({
  headersMs,
  firstByteMs,
  idleMs,
}: StreamTimeouts): { readonly kind: 'firstByte' | 'idle'; readonly limitMs: number } | undefined {
  if (firstByteMs !== undefined) return { kind: 'firstByte', limitMs: firstByteMs };
  return idleMs === undefined || headersMs !== undefined ? undefined : { kind: 'idle', limitMs: idleMs };
}

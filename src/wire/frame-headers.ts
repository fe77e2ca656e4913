/**
 * The layout of an event-stream frame, and its header block.
 * https://smithy.io/2.0/aws/amazon-eventstream.html
 */

/** A frame begins with its length, its headers' length and a checksum of both, in bytes. */
export const FRAME_PRELUDE_BYTES = 12;
/** It ends with a checksum of all that precedes it, in bytes. */
export const FRAME_CRC_BYTES = 4;

/** The string headers of a frame by their wire names, without the colon. */
export interface FrameHeaders {
  /** `event`, `exception` or `error`. */
  readonly messageType: string;
  readonly eventType?: string;
  readonly exceptionType?: string;
  readonly errorCode?: string;
  readonly errorMessage?: string;
  readonly contentType?: string;
}

/** Value sizes of the header types 0 to 9; 6 and 7 carry their size in two bytes. */
const HEADER_VALUE_BYTES = [0, 0, 1, 2, 4, 8, -1, -1, 8, 16];
const HEADER_TYPE_STRING = 7;

/** The header block's known string headers; undefined where the block is malformed or lacks `:message-type`. */
export function parseFrameHeaders(block: Uint8Array): FrameHeaders | undefined {
  const utf8 = new TextDecoder();
  const found = new Map<string, string>();
  let at = 0;
  while (at < block.length) {
    const nameLength = block[at++];
    const name = utf8.decode(block.subarray(at, at + nameLength));
    at += nameLength;
    const type = block[at++];
    let size = HEADER_VALUE_BYTES[type];
    if (size === undefined) return undefined;
    if (size < 0) {
      if (at + 2 > block.length) return undefined;
      size = (block[at] << 8) | block[at + 1];
      at += 2;
    }
    if (at + size > block.length) return undefined;
    if (type === HEADER_TYPE_STRING) found.set(name, utf8.decode(block.subarray(at, at + size)));
    at += size;
  }
  const messageType = found.get(':message-type');
  if (messageType === undefined) return undefined;
  return {
    messageType,
    eventType: found.get(':event-type'),
    exceptionType: found.get(':exception-type'),
    errorCode: found.get(':error-code'),
    errorMessage: found.get(':error-message'),
    contentType: found.get(':content-type'),
  };
}

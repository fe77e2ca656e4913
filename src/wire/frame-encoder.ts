/**
 * Encodes the event-stream frames of `InvokeWithResponseStream`, headers in the order the service sends them.
 * @see https://smithy.io/2.0/aws/amazon-eventstream.html
 */

import { joinBytes } from '../base/bytes';
import { crc32 } from './crc32';
import { FRAME_CRC_BYTES, FRAME_PRELUDE_BYTES } from './frame-headers';
import { FRAME_MAX_BYTES } from './limits';
import { WireError } from './wire-error';

const STRING_HEADER = 7;
const utf8 = /* @__PURE__ */ new TextEncoder();

/** What the last event of a response says; all members are absent on plain success. */
export interface InvokeComplete {
  /** Error type, for example `Unhandled`; AWS often leaves it out even though the function failed. */
  readonly ErrorCode?: string | undefined;
  readonly ErrorDetails?: string | undefined;
  /** Base64 of the last 4 KB of the log, where `LogType: Tail` was asked for. */
  readonly LogResult?: string | undefined;
  /** The local target's own: what a developer wants to know of an invocation that went wrong. SDKs ignore it. */
  readonly LocalNotes?: string | undefined;
}

/** One frame with string headers in the given order. */
export function encodeFrame(headers: Readonly<Record<string, string>>, payload: Uint8Array): Uint8Array {
  return assemble(encodeHeaders(headers), payload);
}

const payloadChunkHeaders = /* @__PURE__ */ encodeHeaders({
  ':event-type': 'PayloadChunk',
  ':content-type': 'application/octet-stream',
  ':message-type': 'event',
});

/** A `PayloadChunk` event: `payload` is the piece of the response body itself. */
export function encodePayloadChunk(payload: Uint8Array): Uint8Array {
  return assemble(payloadChunkHeaders, payload);
}

/** The `InvokeComplete` event; without members its body is exactly `{}`. */
export function encodeInvokeComplete(complete: InvokeComplete = {}): Uint8Array {
  const { ErrorCode, ErrorDetails, LogResult, LocalNotes } = complete;
  const headers = { ':event-type': 'InvokeComplete', ':content-type': 'application/json', ':message-type': 'event' };
  return encodeFrame(headers, utf8.encode(JSON.stringify({ ErrorCode, ErrorDetails, LogResult, LocalNotes })));
}

/** A modelled exception in the middle of a stream; `body` is its JSON, for example `{"message":"slow down"}`. */
export function encodeException(type: string, body: string): Uint8Array {
  const headers = { ':exception-type': type, ':content-type': 'application/json', ':message-type': 'exception' };
  return encodeFrame(headers, utf8.encode(body));
}

/** An unmodelled error in the middle of a stream: no payload, code and message are headers. */
export function encodeErrorFrame(code: string, message: string): Uint8Array {
  const headers = { ':error-code': code, ':error-message': message, ':message-type': 'error' };
  return encodeFrame(headers, new Uint8Array(0));
}

function encodeHeaders(headers: Readonly<Record<string, string>>): Uint8Array {
  const parts = Object.entries(headers).map(([name, value]) =>
    encodeHeader(utf8.encode(name), utf8.encode(value), name),
  );
  return joinBytes(parts);
}

function encodeHeader(name: Uint8Array, value: Uint8Array, label: string): Uint8Array {
  if (name.length === 0 || name.length > 255) {
    throw new WireError('frame-headers', `header name must be 1 to 255 bytes, got ${name.length}: '${label}'`);
  }
  if (value.length > 0x7fff) {
    throw new WireError('frame-headers', `value of header '${label}' must be at most 32767 bytes, got ${value.length}`);
  }
  const header = new Uint8Array(name.length + value.length + 4);
  header[0] = name.length;
  header.set(name, 1);
  header[name.length + 1] = STRING_HEADER;
  new DataView(header.buffer).setUint16(name.length + 2, value.length);
  header.set(value, name.length + 4);
  return header;
}

function assemble(headers: Uint8Array, payload: Uint8Array): Uint8Array {
  const total = FRAME_PRELUDE_BYTES + headers.length + payload.length + FRAME_CRC_BYTES;
  if (total > FRAME_MAX_BYTES) {
    throw new WireError('frame-length', `a frame must be at most ${FRAME_MAX_BYTES} bytes, got ${total}; split it`);
  }
  const frame = new Uint8Array(total);
  const view = new DataView(frame.buffer);
  view.setUint32(0, total);
  view.setUint32(4, headers.length);
  view.setUint32(8, crc32(frame.subarray(0, 8)));
  frame.set(headers, FRAME_PRELUDE_BYTES);
  frame.set(payload, FRAME_PRELUDE_BYTES + headers.length);
  view.setUint32(total - FRAME_CRC_BYTES, crc32(frame.subarray(0, total - FRAME_CRC_BYTES)));
  return frame;
}

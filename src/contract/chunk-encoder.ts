/** From values to the bytes of a stream: what a handler uses to write by contract. */
import { encodeNdjsonLine } from '../wire/ndjson';
import { encodeSseEvent, type SseEvent } from '../wire/sse';
import {
  encodeControl,
  type MarkedFormat,
  refuseReservedEvent,
  refuseReservedKey,
  type StreamFailure,
} from '../wire/stream-control';
import { WireError } from '../wire/wire-error';
import type { StreamContract } from './stream-contract';

const utf8 = /* @__PURE__ */ new TextEncoder();

/**
 * The bytes of one chunk. Throws a `WireError`: `value-unencodable` for a value the format cannot hold,
 * `reserved-key` for one that would read as a marker.
 */
export function encodeChunk(contract: StreamContract, value: unknown): Uint8Array {
  const { format } = contract;
  if (format === 'bytes') {
    if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  } else if (format === 'text') {
    if (typeof value === 'string') return utf8.encode(value);
  } else {
    return utf8.encode(format === 'ndjson' ? encodeLine(contract, value) : encodeEvent(contract, value));
  }
  const wanted = format === 'bytes' ? 'a Uint8Array' : 'a string';
  throw new WireError('value-unencodable', `a chunk of format '${format}' must be ${wanted}, got ${typeof value}`);
}

/** The start marker; undefined where the contract has no version to send. */
export function encodeStart(contract: StreamContract): Uint8Array | undefined {
  const { version } = contract;
  return version === undefined
    ? undefined
    : utf8.encode(encodeControl(contract.format as MarkedFormat, 'start', { version }));
}

/** The end marker; undefined where the contract has none. */
export function encodeEnd(contract: StreamContract, final: unknown, chunks: number): Uint8Array | undefined {
  if (contract.completion === 'platform') return undefined;
  return utf8.encode(encodeControl(contract.format as MarkedFormat, 'end', { final, chunks }));
}

/** The error marker; undefined where the contract has none. */
export function encodeFailure(contract: StreamContract, failure: StreamFailure): Uint8Array | undefined {
  if (contract.completion === 'platform') return undefined;
  return utf8.encode(encodeControl(contract.format as MarkedFormat, 'error', failure));
}

function encodeLine(contract: StreamContract, value: unknown): string {
  const line = encodeNdjsonLine(value);
  if (contract.completion === 'marker') refuseReservedKey(line);
  return line;
}

function encodeEvent(contract: StreamContract, value: unknown): string {
  if (contract.chunk !== undefined) return encodeSseEvent({ data: encodeNdjsonLine(value).slice(0, -1) });
  const event = value as Partial<SseEvent> | undefined;
  if (typeof event?.data !== 'string') {
    throw new WireError(
      'value-unencodable',
      `a chunk of format 'sse' without a chunk schema must be { data: string, event?, id? }`,
    );
  }
  if (contract.completion === 'marker') refuseReservedEvent(event.event);
  return encodeSseEvent({ ...event, data: event.data });
}

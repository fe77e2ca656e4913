/** From values to the text or bytes of a stream: what a handler uses to write by contract. */
import { encodeNdjsonLine } from '../wire/ndjson';
import { encodeSseEvent, type SseEvent } from '../wire/sse';
import {
  encodeControl,
  type MarkedFormat,
  refuseReservedEvent,
  refuseReservedKey,
  type StreamControlBodies,
} from '../wire/stream-control';
import { unencodable } from '../wire/stream-format';
import { WireError } from '../wire/wire-error';
import type { StreamContract } from './stream-contract';

/**
 * One chunk: bytes for the format `bytes`, text for the others.
 * @throws WireError `value-unencodable` for a value the format cannot hold, `reserved-key` for one that would read as a
 * marker; and what `JSON.stringify` throws
 */
export function encodeChunk(
  { format, completion, chunk, terminator }: StreamContract,
  value: unknown,
): string | Uint8Array {
  const marked = completion === 'marker';
  if (format === 'ndjson') {
    const line = encodeNdjsonLine(value);
    if (marked) refuseReservedKey(line);
    return line;
  }
  if (format === 'sse') {
    const event = chunk ? { data: JSON.stringify(value) } : (value as SseEvent | undefined);
    if (typeof event?.data === 'string') {
      if (marked) refuseReservedEvent(event);
      if (event.data === terminator && !event.event) throw reservedData(terminator);
      return encodeSseEvent(event);
    }
  }
  if (format === 'text' && typeof value === 'string') return value;
  if (format === 'bytes' && value instanceof Uint8Array) return value;
  throw unencodable(format, value);
}

/** The marker `kind` as text, the end marker after the contract's terminator; empty where the contract has neither. */
export function encodeMarker<Kind extends keyof StreamControlBodies>(
  { format, completion, terminator }: StreamContract,
  kind: Kind,
  body: StreamControlBodies[Kind],
): string {
  const closing = kind === 'end' && terminator !== undefined ? encodeSseEvent({ data: terminator }) : '';
  return closing + (completion === 'marker' ? encodeControl(format as MarkedFormat, kind, body) : '');
}

const reservedData = (data: string): WireError =>
  new WireError('reserved-key', `a chunk must not have the data '${data}', with which the contract's stream ends`);

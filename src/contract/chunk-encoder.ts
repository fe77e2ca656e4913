/** From values to the text or bytes of a stream: what a handler uses to write by contract. */
import { encodeJson, encodeNdjsonLine } from '../wire/ndjson';
import { encodeSseEvent, type SseEvent } from '../wire/sse';
import {
  encodeControl,
  type MarkedFormat,
  refuseReservedEvent,
  refuseReservedKey,
  type StreamControlBodies,
} from '../wire/stream-control';
import { WireError } from '../wire/wire-error';
import type { StreamContract } from './stream-contract';

/**
 * One chunk: bytes for the format `bytes`, text for the others. Throws a `WireError`: `value-unencodable` for a value
 * the format cannot hold, `reserved-key` for one that would read as a marker.
 */
export function encodeChunk({ format, completion, chunk }: StreamContract, value: unknown): string | Uint8Array {
  const marked = completion === 'marker';
  if (format === 'ndjson') {
    const line = encodeNdjsonLine(value);
    if (marked) refuseReservedKey(line);
    return line;
  }
  if (format === 'sse') {
    const event = chunk ? { data: encodeJson(value) } : (value as SseEvent | undefined);
    if (marked && event) refuseReservedEvent(event);
    if (typeof event?.data === 'string') return encodeSseEvent(event);
  }
  if (format === 'text' && typeof value === 'string') return value;
  if (format === 'bytes' && value instanceof Uint8Array) return value;
  throw new WireError('value-unencodable', `a chunk of format '${format}' cannot be of type ${typeof value}`);
}

/** The marker `kind` as text; empty where the contract has no markers. */
export function encodeMarker<Kind extends keyof StreamControlBodies>(
  { format, completion }: StreamContract,
  kind: Kind,
  body: StreamControlBodies[Kind],
): string {
  return completion === 'marker' ? encodeControl(format as MarkedFormat, kind, body) : '';
}

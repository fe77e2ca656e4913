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
import type { StreamContract } from './stream-contract';

/**
 * One chunk: bytes for the format `bytes`, text for the others. Throws a `WireError`: `value-unencodable` for a value
 * the format cannot hold, `reserved-key` for one that would read as a marker; or what `JSON.stringify` throws.
 */
export function encodeChunk({ format, completion, chunk }: StreamContract, value: unknown): string | Uint8Array {
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
      return encodeSseEvent(event);
    }
  }
  if (format === 'text' && typeof value === 'string') return value;
  if (format === 'bytes' && value instanceof Uint8Array) return value;
  throw unencodable(format, value);
}

/** The marker `kind` as text; empty where the contract has no markers. */
export const encodeMarker = <Kind extends keyof StreamControlBodies>(
  { format, completion }: StreamContract,
  kind: Kind,
  body: StreamControlBodies[Kind],
): string => (completion === 'marker' ? encodeControl(format as MarkedFormat, kind, body) : '');

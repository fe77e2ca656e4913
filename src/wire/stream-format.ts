/** The four ways values are laid out in a response stream. */
import { WireError } from './wire-error';

/**
 * - `bytes`: the body as it is; a chunk is a `Uint8Array`
 * - `text`: UTF-8; a chunk is a string
 * - `ndjson`: one JSON value per line
 * - `sse`: server-sent events
 */
export type StreamFormat = 'bytes' | 'text' | 'ndjson' | 'sse';

export const STREAM_FORMATS: readonly StreamFormat[] = ['bytes', 'text', 'ndjson', 'sse'];

/** The error for a chunk that `format` cannot hold. */
export const unencodable = (format: StreamFormat, value: unknown): WireError =>
  new WireError('value-unencodable', `a chunk of format '${format}' cannot be of type ${typeof value}`);

/**
 * The markers by which a handler says that its stream has begun, is whole, or has failed; see docs/stream-protocol.md.
 * NDJSON: a line `{"$stream":{"end":{…}}}`. SSE: an event `$end`. Neither can be written as user data.
 */
import { isObject } from '../base/is-object';
import { encodeNdjsonLine } from './ndjson';
import { encodeSseEvent, type SseEvent } from './sse';
import { WireError } from './wire-error';

/** The user's NDJSON objects must not have this key, and the types of the user's SSE events must not begin with this prefix. */
const RESERVED_KEY = '$stream';
const RESERVED_EVENT_PREFIX = '$';

/** First marker, present only for a contract with a version. */
interface StreamStart {
  readonly version?: string;
}

/** Last marker of a whole stream. */
interface StreamEnd {
  readonly final?: unknown;
  /** Number of chunks before it. A reader that counted otherwise has lost some. */
  readonly chunks?: number;
}

/** One finding about a value: what is wrong, and the keys from the value's root to it. */
export interface StreamIssue {
  readonly message: string;
  readonly path: readonly (string | number)[];
}

/** Last marker of a failed stream. */
export interface StreamFailure {
  /** What failed, as a name to branch on, for example `QuotaExceeded`. */
  readonly type: string;
  readonly message: string;
  /** What the contract's error schema describes. */
  readonly data?: unknown;
  /** What is wrong with the caller's input, for the type `InvalidInput`. */
  readonly issues?: readonly StreamIssue[];
  /** Whether the same call may succeed later. */
  readonly retryable?: boolean;
  /** HTTP status of the error, for whoever passes the stream on before its first chunk. */
  readonly statusCode?: number;
}

/** A decoded marker; `unknown` is one of a later protocol, to be skipped. */
export type StreamControl =
  | { readonly kind: 'start'; readonly body: StreamStart }
  | { readonly kind: 'end'; readonly body: StreamEnd }
  | { readonly kind: 'error'; readonly body: StreamFailure }
  | { readonly kind: 'unknown'; readonly name: string };

/** Formats that carry markers. */
export type MarkedFormat = 'ndjson' | 'sse';

/** What each marker holds, by its name. */
export interface StreamControlBodies {
  readonly start: StreamStart;
  readonly end: StreamEnd;
  readonly error: StreamFailure;
}

/** The marker `kind` as text of the stream. */
export const encodeControl = <Kind extends keyof StreamControlBodies>(
  format: MarkedFormat,
  kind: Kind,
  body: StreamControlBodies[Kind],
): string =>
  format === 'ndjson'
    ? encodeNdjsonLine({ [RESERVED_KEY]: { [kind]: body } })
    : encodeSseEvent({ event: RESERVED_EVENT_PREFIX + kind, data: JSON.stringify(body) });

/**
 * Refuses the user's NDJSON line if it would read as a marker. Asks the text, because a `toJSON` can give any key.
 * @throws WireError `reserved-key`
 */
export function refuseReservedKey(line: string): void {
  if (line.includes(RESERVED_KEY) && JSON.parse(line)?.[RESERVED_KEY] !== undefined) throw reserved(RESERVED_KEY);
}

/**
 * Refuses the user's SSE event if it would read as a marker.
 * @throws WireError `reserved-key`
 */
export function refuseReservedEvent({ event }: SseEvent): void {
  if (event?.startsWith(RESERVED_EVENT_PREFIX)) throw reserved(event);
}

const reserved = (name: string): WireError =>
  new WireError('reserved-key', `a chunk must not use the name '${name}' of a stream marker; rename it`);

/** The marker that the parsed NDJSON value is, or undefined where it is user data. */
export function controlOfValue(value: unknown): StreamControl | undefined {
  if (!hasReservedKey(value)) return undefined;
  const control = value[RESERVED_KEY];
  if (Object.keys(value).length !== 1 || !isObject(control) || Object.keys(control).length !== 1) {
    throw invalid(`'${RESERVED_KEY}' must be the only key and hold one marker`, value);
  }
  const [name, body] = Object.entries(control)[0] ?? ['', undefined];
  return toControl(name, body);
}

/** The marker that the SSE event is, or undefined where it is user data. */
export function controlOfEvent(event: SseEvent): StreamControl | undefined {
  if (!event.event?.startsWith(RESERVED_EVENT_PREFIX)) return undefined;
  let body: unknown;
  try {
    body = JSON.parse(event.data);
  } catch {
    throw invalid('its data is not JSON', event);
  }
  return toControl(event.event.slice(RESERVED_EVENT_PREFIX.length), body);
}

function toControl(name: string, body: unknown): StreamControl {
  if (name !== 'start' && name !== 'end' && name !== 'error') return { kind: 'unknown', name };
  if (!isObject(body)) throw invalid(`'${name}' must hold an object`, body);
  if (name === 'start') return { kind: name, body: { version: optional(body, 'version', 'string') } };
  if (name === 'end') return { kind: name, body: { final: body['final'], chunks: optional(body, 'chunks', 'number') } };
  return { kind: name, body: failureOf(body) };
}

function failureOf(body: Readonly<Record<string, unknown>>): StreamFailure {
  const type = optional<string>(body, 'type', 'string');
  if (type === undefined) throw invalid(`'error' must have a type`, body);
  const { data, issues } = body;
  if (issues !== undefined && !Array.isArray(issues)) throw invalid(`'issues' must be an array`, body);
  return {
    type,
    message: optional<string>(body, 'message', 'string') ?? '',
    data,
    issues: issues?.map(toIssue),
    retryable: optional<boolean>(body, 'retryable', 'boolean'),
    statusCode: optional<number>(body, 'statusCode', 'number'),
  };
}

function toIssue(issue: unknown): StreamIssue {
  const { message, path } = isObject(issue) ? issue : {};
  return { message: String(message ?? ''), path: Array.isArray(path) ? path : [] };
}

function optional<T>(body: Readonly<Record<string, unknown>>, key: string, type: 'string' | 'number' | 'boolean') {
  const value = body[key];
  if (value !== undefined && typeof value !== type) throw invalid(`'${key}' must be a ${type}`, body);
  return value as T | undefined;
}

/** Whether a parsed value has the key. Parsed values inherit no `$stream`, so asking for it is enough. */
function hasReservedKey(value: unknown): value is Readonly<Record<string, unknown>> {
  return (value as Record<string, unknown> | null)?.[RESERVED_KEY] !== undefined;
}

function invalid(what: string, value: unknown): WireError {
  return new WireError('control-invalid', `a stream marker is malformed: ${what}`, { excerpt: JSON.stringify(value) });
}

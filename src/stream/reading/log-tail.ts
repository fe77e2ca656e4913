/**
 * Reads what the end of a function's log says about how it ended. On AWS a handler that throws or times out after the
 * response headers ends its stream without an error code; the log tail is then the only trace of it.
 * Formats: https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html (text) and
 * https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html (JSON).
 */
import { base64ToBytes } from '../../base/bytes';
import { isObject } from '../../base/is-object';

/** A failure that the log tells of. */
export interface LoggedFailure {
  readonly errorType?: string;
  readonly errorMessage?: string;
  readonly trace?: readonly string[];
  readonly timedOut: boolean;
  /** False for an entry that a function which merely logs an error would leave too. */
  readonly certain: boolean;
}

/** The text of `LogResult`, or undefined where it is not base64. */
export function decodeLogTail(logResult: string): string | undefined {
  try {
    return new TextDecoder().decode(base64ToBytes(logResult));
  } catch {
    return undefined; // the stream's own outcome matters more than a log that cannot be read
  }
}

/** The runtime's own line for an error that left the handler, or the file of the handler while it was loaded: time, request id, level, words, JSON. */
const ERROR_LINE =
  /^\S+\t\S+\tERROR\t(?:Init Error|Invoke Error|Uncaught Exception|Unhandled Promise Rejection) ?\t(\{.*\})\s*$/;
/** The platform's line for a runtime that is gone: `RequestId: … Error: Runtime exited with error: exit status 1`. */
const EXIT_LINE = /^RequestId: \S+ Error: (Runtime exited .+)$/;
const EXIT_ERROR = 'Runtime.ExitError';
const REPORT_STATUS = /^REPORT RequestId:.*\tStatus: (\w+)(?:\tError Type: (\S+))?/;

/** The last failure that `tail` tells of. */
export function findLoggedFailure(tail: string): LoggedFailure | undefined {
  let found: LoggedFailure | undefined;
  for (const line of tail.split('\n')) {
    const failure = line.startsWith('{') ? readJsonLine(line) : readTextLine(line);
    if (failure) found = found === undefined ? failure : merge(found, failure);
  }
  return found;
}

/** The report follows the error it is about and knows less of it, except that it is sure. */
function merge(earlier: LoggedFailure, later: LoggedFailure): LoggedFailure {
  const onlyExits = later.errorType === EXIT_ERROR && earlier.errorMessage !== undefined && !earlier.timedOut;
  if (!onlyExits && (later.errorMessage !== undefined || later.timedOut)) return later;
  return { ...earlier, certain: earlier.certain || later.certain };
}

function readTextLine(line: string): LoggedFailure | undefined {
  const [, json] = ERROR_LINE.exec(line) ?? [];
  if (json !== undefined) return toFailure(parseObject(json), true);
  const [, exit] = EXIT_LINE.exec(line) ?? [];
  if (exit !== undefined) return { errorType: EXIT_ERROR, errorMessage: exit, timedOut: false, certain: true };
  const [, status, errorType] = REPORT_STATUS.exec(line) ?? [];
  return reported(status, errorType);
}

/** With JSON logging the runtime logs the error as any function would: a message, or members, with type and text. */
function readJsonLine(line: string): LoggedFailure | undefined {
  const entry = parseObject(line);
  if (entry === undefined) return undefined;
  if (entry['type'] === 'platform.report') {
    const record = isObject(entry['record']) ? entry['record'] : {};
    return reported(record['status'], record['errorType']);
  }
  if (entry['level'] !== 'ERROR') return undefined;
  return toFailure(isObject(entry['message']) ? entry['message'] : entry, false);
}

function reported(status: unknown, errorType: unknown): LoggedFailure | undefined {
  if (typeof status !== 'string' || status === 'success') return undefined;
  const type = typeof errorType === 'string' ? errorType : undefined;
  return { errorType: type, timedOut: status === 'timeout', certain: true };
}

function toFailure(error: Readonly<Record<string, unknown>> | undefined, certain: boolean): LoggedFailure | undefined {
  const { errorType, errorMessage, stack, stackTrace } = error ?? {};
  if (typeof errorType !== 'string') return undefined;
  const lines = stack ?? stackTrace;
  return {
    errorType,
    errorMessage: typeof errorMessage === 'string' ? errorMessage : '',
    trace: Array.isArray(lines) ? lines.map(String) : undefined,
    timedOut: false,
    certain,
  };
}

function parseObject(json: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined; // a line of the user's that merely looks like the runtime's, or one cut by the tail's limit
  }
}

/** Frames of the runtime, of Node.js and of packages are not where the function's author looks first. */
const FOREIGN_FRAME = /node_modules|node:|\/var\/(runtime|lang)\//;

/** Where in the function's code an error arose, as `file:line:column`; undefined where its trace does not say. */
export function locationIn(trace: readonly string[] | undefined): string | undefined {
  for (const frame of trace ?? []) {
    const [, js] = /^\s*at (?:async )?(?:[^(]*\()?((?:file:\/\/)?\/[^()]+?:\d+(?::\d+)?)\)?$/.exec(frame) ?? [];
    const [, file, line] = /^\s*File "([^"]+)", line (\d+)/.exec(frame) ?? [];
    const place = js ?? (file === undefined ? undefined : `${file}:${line}`);
    if (place !== undefined && !FOREIGN_FRAME.test(place)) return place.replace(/^file:\/\//, '');
  }
  return undefined;
}

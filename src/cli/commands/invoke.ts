/** `invoke`: calls a function, shows its stream as it comes, and says whether it is whole. */
import { readFileSync, writeFileSync } from 'node:fs';
import { bytesToBase64 } from '../../base/bytes';
import { streamContract } from '../../contract/stream-contract';
import type { InvokedStream } from '../../invoker/invoked-stream';
import { streamInvoker } from '../../invoker/stream-invoker';
import { isStreamError, StreamError } from '../../stream/errors/stream-error';
import type { StreamResult } from '../../stream/reading/response-stream';
import { sparkline, streamTimeline, type TimelineChunk } from '../../testing/stream-timeline';
import { lambdaClient } from '../caller';
import { findFunction } from '../function-address';
import { StreamJudge, type Verdict, wordsOf } from '../stream-judge';
import { type ExitCode, type Terminal, unlessInterrupted } from '../terminal';
import { UsageError } from '../usage-error';
import { checkWritable } from '../writable-file';

export interface InvokeOptions {
  readonly function: string;
  readonly payload?: string;
  readonly as?: string;
  readonly local?: boolean;
  readonly qualifier?: string;
  readonly tail?: boolean;
  readonly timeline?: string;
  readonly endpoint?: string;
  readonly region?: string;
}

const SPARKLINE_COLUMNS = 40;

export async function run(options: InvokeOptions, terminal: Terminal): Promise<ExitCode> {
  const input = await unlessInterrupted(readPayload(options.payload), terminal);
  const { timeline } = options;
  if (timeline !== undefined) {
    if (!timeline.endsWith('.svg'))
      throw new UsageError(`--timeline must be the name of an .svg file, got '${timeline}'`);
    checkWritable('--timeline', timeline);
  }
  const { functionName, ...found } = await unlessInterrupted(findFunction(options, terminal), terminal);
  const client = await unlessInterrupted(lambdaClient({ ...options, ...found }), terminal);
  const { qualifier } = options;
  const contract = streamContract({ format: 'bytes' });
  // One clock for all times: the invoker's own begins with the call, too.
  const record = new Recording(options.function);
  try {
    const invoker = streamInvoker(contract, { functionName, qualifier, client, logs: 'tail', retry: false });
    const stream = await invoker.invoke(input, { signal: terminal.signal });
    return await show(stream, record, options, terminal);
  } catch (error) {
    record.error = error instanceof Error ? error.message : String(error);
    if (options.tail && isStreamError(error)) tellTail(error.logTail, terminal);
    const isUnknown = isStreamError(error, 'ACCESS_DENIED') && error.reason === 'credentials';
    if (isUnknown && options.endpoint !== undefined) tellCredentials(options.endpoint, terminal);
    throw error;
  } finally {
    client.destroy();
    if (timeline !== undefined) writeFileSync(timeline, record.toSvg());
  }
}

/** A local target knows the keys that it gave out itself, and no others. */
function tellCredentials(endpoint: string, { note, noteColors }: Terminal): void {
  const variables = 'AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN';
  const advice = `export the ${variables} that start or dev has printed, or call it by --local, which needs none`;
  note(noteColors.yellow(`a target at ${endpoint} takes its own keys: ${advice}`));
}

/** Milliseconds, as far as clocks and connections are to be trusted. */
const rounded = (ms: number): number => Math.round(ms * 10) / 10;

/** What came when. */
class Recording {
  public readonly pieces: TimelineChunk[] = [];
  public error: string | undefined;
  private readonly startedAt = performance.now();

  public constructor(private readonly title: string) {}

  public elapsed(): number {
    return performance.now() - this.startedAt;
  }

  public add(bytes: number): number {
    const atMs = rounded(this.elapsed());
    this.pieces.push({ atMs, bytes });
    return atMs;
  }

  public toSvg(): string {
    const { title, pieces: chunks, error } = this;
    return streamTimeline({ title, chunks, totalMs: this.elapsed(), ...(error !== undefined && { error }) });
  }
}

async function show(
  stream: InvokedStream<Uint8Array, unknown>,
  record: Recording,
  options: InvokeOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const http = await stream.http;
  const { requestId, executedVersion } = stream;
  const contentType = http === undefined ? stream.contentType : typeIn(http.headers);
  const { statusCode: status, headers, cookies } = http ?? {};
  terminal.json({ type: 'head', requestId, executedVersion, contentType, ...(http && { status, headers, cookies }) });
  if (http !== undefined)
    terminal.note(terminal.noteColors.dim(`HTTP ${status ?? 200} ${contentType ?? ''}`.trimEnd()));
  const judge = new StreamJudge(contentType);
  try {
    for await (const piece of stream.payload()) {
      const atMs = record.add(piece.length);
      const values = judge.see(piece);
      if (!terminal.isJson) await terminal.write(piece);
      else
        for (const chunk of judge.format === undefined ? [shown(piece)] : values.map((value) => ({ value })))
          terminal.json({ type: 'chunk', atMs, ...chunk });
    }
  } catch (error) {
    endLine(terminal);
    // The handler's own word says more than the platform's about it.
    throw isStreamError(error, 'ABORTED') || judge.failure === undefined ? error : ownError(judge.failure, error);
  }
  const result = await stream.result;
  const verdict = judge.verdict();
  endLine(terminal);
  if (!verdict.isWhole) {
    const { failure } = verdict;
    throw failure === undefined ? brokenError(verdict.problem, result) : ownError(failure, undefined, result);
  }
  tellEnd(verdict, judge, result, record, options, terminal);
  return 0;
}

/** Nothing of the payload is changed, so the shell's prompt may need a new line. */
function endLine({ note }: Terminal): void {
  if (process.stdout.isTTY) note('');
}

function tellEnd(
  verdict: Verdict & { readonly isWhole: true },
  judge: StreamJudge,
  result: StreamResult<unknown>,
  record: Recording,
  { tail }: InvokeOptions,
  terminal: Terminal,
): void {
  const totalMs = rounded(result.metrics.totalMs);
  const { pieces } = record;
  const firstByteMs = pieces[0]?.atMs;
  // Without the HTTP prelude, which is not payload for whoever looks at it.
  const bytes = pieces.reduce((sum, piece) => sum + piece.bytes, 0);
  const { by } = verdict;
  const final = verdict.final === undefined ? {} : { final: verdict.final };
  const counts = { chunks: judge.chunks, pieces: pieces.length, bytes, firstByteMs, totalMs };
  terminal.json({ type: 'end', by, ...final, ...counts, ...(tail && { logTail: result.logTail }) });
  const { dim, green, yellow } = terminal.noteColors;
  if (tail) tellTail(result.logTail, terminal);
  if ('final' in final) terminal.note(`final: ${JSON.stringify(final.final)}`);
  const chunks = judge.chunks === undefined ? '' : `${count(judge.chunks, 'chunk')} in `;
  const speed = bytes > 0 && totalMs > 0 ? `, ${rate(bytes / totalMs)}` : '';
  const first = firstByteMs === undefined ? 'no byte' : `first byte after ${Math.round(firstByteMs)} ms`;
  terminal.note(
    dim(
      `${chunks}${count(pieces.length, 'piece')}, ${count(bytes, 'byte')}; ${first}, end after ${Math.round(totalMs)} ms${speed}`,
    ),
  );
  const line = sparkline(pieces, totalMs, SPARKLINE_COLUMNS);
  if (line.trim() !== '') terminal.note(dim(`|${line}|`));
  terminal.note(by === 'platform' ? yellow(`✓ ${ENDS[by]}`) : green(`✓ ${ENDS[by]}`));
}

function tellTail(logTail: string | undefined, { note, noteColors }: Terminal): void {
  if (logTail !== undefined) note(noteColors.dim(logTail.trimEnd()));
}

const ENDS = {
  'end-marker': "whole: the contract's end marker came",
  'end-mark': 'whole: the end mark came',
  platform: 'ended as it should by what Lambda and the log say; the stream itself has no end marker',
} as const;

const count = (number: number, noun: string): string =>
  `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;

/** @param kilobytes a second */
function rate(kilobytes: number): string {
  // Few bytes in a long time are slow, and not nothing.
  return kilobytes < 1 ? `${Math.max(1, Math.round(kilobytes * 1_000))} B/s` : `${Math.round(kilobytes)} kB/s`;
}

function ownError(
  failure: NonNullable<StreamJudge['failure']>,
  cause: unknown,
  result?: StreamResult<unknown>,
): StreamError {
  const { type: errorType, message: errorMessage, data, issues, statusCode } = failure;
  const from = isStreamError(cause) ? cause : undefined;
  const facts = {
    phase: 'streaming',
    invoked: 'yes',
    retryable: failure.retryable ?? false,
    payloadBytes: from?.payloadBytes ?? result?.metrics.payloadBytes ?? 0,
    requestId: from?.requestId ?? result?.requestId,
    logTail: from?.logTail ?? result?.logTail,
    cause,
  } as const;
  return StreamError.of(
    'REMOTE',
    wordsOf(failure),
    { errorType, errorMessage, data, issues, statusCode },
    defined(facts),
  );
}

function brokenError(problem: string, { metrics, requestId, logTail }: StreamResult<unknown>): StreamError {
  const { payloadBytes } = metrics;
  const facts = { phase: 'end', invoked: 'yes', payloadBytes, requestId, logTail } as const;
  return StreamError.of('DECODE', problem, { kind: 'format' }, defined(facts));
}

/** Without the members that are undefined. */
function defined<T extends object>(facts: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}

function typeIn(headers: Readonly<Record<string, unknown>> = {}): string | undefined {
  const found = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1];
  return found === undefined ? undefined : String(found);
}

/** A piece of payload in JSON: as text where it is text by itself. */
function shown(piece: Uint8Array): { readonly text: string } | { readonly base64: string } {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(piece) };
  } catch {
    return { base64: bytesToBase64(piece) }; // not text, or cut inside of a character
  }
}

/** JSON, `@file`, or `-` for standard input. */
async function readPayload(payload: string | undefined): Promise<unknown> {
  if (payload === undefined) return {};
  const { bytes, from } = await payloadBytes(payload);
  let text: string;
  try {
    // Without the byte order mark that some programs put in front.
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError(`${from} must be JSON in UTF-8, and has bytes that are not`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    const got = text.length > 60 ? `${text.slice(0, 60)}…` : text;
    throw new UsageError(`${from} must be JSON, got '${got}': ${messageOf(error)}; a string is JSON in double quotes`);
  }
}

async function payloadBytes(payload: string): Promise<{ readonly bytes: Uint8Array; readonly from: string }> {
  if (payload === '-') {
    const pieces: Buffer[] = [];
    for await (const piece of process.stdin) pieces.push(piece);
    return { bytes: Buffer.concat(pieces), from: 'standard input' };
  }
  if (!payload.startsWith('@')) return { bytes: Buffer.from(payload), from: '--payload' };
  const file = payload.slice(1);
  try {
    return { bytes: readFileSync(file), from: `the file '${file}'` };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const problem = code === 'ENOENT' ? 'does not exist' : `cannot be read: ${messageOf(error)}`;
    throw new UsageError(`--payload names the file '${file}', which ${problem}`);
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

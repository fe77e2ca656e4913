/**
 * Writes one response by contract: head, start marker, chunks, then the end or the error marker, and in silence what
 * keeps the connection open.
 */
import { encodeChunk, encodeMarker } from '../contract/chunk-encoder';
import { httpProblem } from '../contract/http-problem';
import type { StreamContract } from '../contract/stream-contract';
import { validate } from '../contract/validate';
import { FORMAT_CONTENT_TYPES, HTTP_INTEGRATION_CONTENT_TYPE } from '../wire/content-types';
import type { HttpPrelude } from '../wire/http-prelude';
import type { ResponseWriter } from '../wire/lambda-runtime';
import type { StreamFailure } from '../wire/stream-control';
import { isWireError, WireError } from '../wire/wire-error';
import { batchedOutput } from './batched-output';
import { failureOf } from './failure-of';
import { lowerCased } from './handler-input';
import type { Measuring } from './handler-options';

/** A prelude with nothing left to defaults. */
export type ResponseHead = HttpPrelude & {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
};

export interface ResponseOutputOptions {
  readonly contract: StreamContract;
  readonly stream: ResponseWriter;
  /** Where bytes and chunks are counted. */
  readonly measured: Measuring;
  /** Whether the response has a head, even if neither contract nor handler asks for one. */
  readonly needsHead: boolean;
  /** What a response with this head begins with. */
  encodeHead(head: ResponseHead): string | Uint8Array;
  /** Whether the next chunk is checked against the contract, as its reader will check it. */
  mustCheck(): boolean;
  /** Silence before a filler is sent, in milliseconds. */
  readonly keepAliveMs: number | false;
}

export interface ResponseOutput {
  /**
   * Settles when there is room for the next chunk.
   * @throws WireError for a chunk the format cannot hold, ContractError for one its reader would refuse
   */
  write(chunk: unknown): Promise<void>;
  /** Ends a response that is whole. */
  end(final: unknown): void;
  /** Ends a response that is not. Gives whether a marker, or the status, tells the reader. */
  fail(failure: StreamFailure, statusCode: number): boolean;
  /**
   * Replaces the contract's head.
   * @throws Error for what HTTP cannot carry, and once a byte was written
   */
  setHead(head: HttpPrelude): void;
}

/** What a reader skips between two lines or events; see docs/stream-protocol.md. */
const FILLERS = { ndjson: '\n', sse: ': keep-alive\n\n', text: '', bytes: '' };

export function responseOutput(options: ResponseOutputOptions): ResponseOutput {
  const { contract, stream, measured, encodeHead, keepAliveMs } = options;
  const { format, version } = contract;
  const output = batchedOutput(stream, measured);
  const filler = FILLERS[format];
  let head = contract.http ?? (options.needsHead ? {} : undefined);
  let hasBegun = false;
  let hasEnded = false;

  const begin = (statusCode = head?.statusCode ?? 200): void => {
    if (hasBegun) return;
    const contentType = FORMAT_CONTENT_TYPES[format];
    // Names in lower case, so that a content type of the head's own replaces the format's.
    const headers = { 'content-type': contentType, ...lowerCased(head?.headers) };
    const given = head;
    // Where the head cannot be sent, for example because it is too long, the error that says so goes out with a plain one.
    if (head) head = {};
    const encoded = given && encodeHead({ ...given, statusCode, headers });
    hasBegun = true;
    stream.setContentType?.(given ? HTTP_INTEGRATION_CONTENT_TYPE : contentType);
    if (encoded) output.write(encoded);
    if (version) output.write(encodeMarker(contract, 'start', { version }));
  };

  const keepAlive = (): void => {
    const given = head;
    try {
      begin();
      // Whatever was written so far is whole lines or events, so that a filler is never part of one.
      output.write(filler);
    } catch {
      // What begins the response next meets the same error, and tells of it.
      head = given;
    }
    timer?.refresh();
  };
  const timer = filler && keepAliveMs ? setTimeout(keepAlive, keepAliveMs) : undefined;

  const put = (data: string | Uint8Array): Promise<void> => {
    if (hasEnded) throw new Error('the stream has ended');
    begin();
    measured.chunks++;
    output.write(data);
    timer?.refresh();
    return output.ready();
  };

  const finish = (marker: string, statusCode?: number): void => {
    hasEnded = true;
    clearTimeout(timer);
    begin(statusCode);
    output.write(marker);
    output.finish();
  };

  return {
    write(chunk) {
      const data = encodeNumbered(contract, chunk, measured.chunks);
      if (!contract.chunk || !options.mustCheck()) return put(data);
      return asReceived(contract.chunk, JSON.stringify(chunk), measured.chunks).then(() => put(data));
    },
    end(final) {
      finish(encodeMarker(contract, 'end', { final, chunks: measured.chunks }));
    },
    fail(failure, statusCode) {
      const marker = encodeMarker(contract, 'error', failure);
      const isTold = marker !== '' || (head !== undefined && !hasBegun);
      finish(marker, statusCode);
      return isTold;
    },
    setHead(given) {
      const problem = hasBegun ? 'http() must be called before the first chunk or filler' : httpProblem(given);
      if (problem) throw new Error(problem);
      const said = Object.entries(given).filter(([, value]) => value !== undefined);
      head = { ...head, ...Object.fromEntries(said) };
    },
  };
}

async function asReceived(schema: StreamContract['chunk'], json: string, index: number): Promise<void> {
  await validate(schema, JSON.parse(json), 'chunk', index);
}

function encodeNumbered(contract: StreamContract, chunk: unknown, index: number): string | Uint8Array {
  try {
    return encodeChunk(contract, chunk);
  } catch (cause) {
    const code = isWireError(cause) ? cause.code : 'value-unencodable';
    throw new WireError(code, `chunk ${index} cannot be sent: ${failureOf(cause).message}`, { cause });
  }
}

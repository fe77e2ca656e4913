/** Writes one response by contract: prelude, start marker, chunks, then the end or the error marker. */
import { encodeChunk, encodeMarker } from '../contract/chunk-encoder';
import { httpProblem } from '../contract/http-problem';
import type { StreamContract } from '../contract/stream-contract';
import { FORMAT_CONTENT_TYPES, HTTP_INTEGRATION_CONTENT_TYPE } from '../wire/content-types';
import { encodePrelude, type HttpPrelude } from '../wire/http-prelude';
import type { ResponseWriter } from '../wire/lambda-runtime';
import type { StreamControlBodies } from '../wire/stream-control';
import { batchedOutput } from './batched-output';
import { lowerCased } from './lower-cased';
import type { Measuring } from './stream-metrics';

/** A prelude with nothing left to defaults. */
export type ResponseHead = HttpPrelude & Required<Pick<HttpPrelude, 'statusCode' | 'headers'>>;

/** What a response with this head begins with. */
export type EncodeHead = (head: ResponseHead) => string | Uint8Array;

export type ContractWriter = readonly [
  /** Settles when there is room for the next chunk. */
  write: (chunk: unknown) => Promise<void>,
  /** Ends the response: by a marker where the format has them. Gives whether that, or the status, told the reader. */
  finish: <Kind extends 'end' | 'error'>(kind: Kind, body: StreamControlBodies[Kind], statusCode?: number) => unknown,
  /** Replaces the contract's prelude. Throws for one that cannot be, and once a byte was written. */
  http: (prelude: HttpPrelude) => void,
];

/**
 * @param needsPrelude what needs a prelude, even if neither contract nor handler asks for one
 * @param encodeHead for a response whose head does not go into the stream
 */
export function responseWriter(
  contract: StreamContract,
  stream: ResponseWriter,
  measured: Measuring,
  needsPrelude: object | undefined,
  encodeHead: EncodeHead = encodePrelude,
): ContractWriter {
  const [write, ready] = batchedOutput(stream, measured);
  const { version } = contract;
  let prelude = contract.http ?? (needsPrelude && {});
  let begun = false;
  let ended = false;

  const begin = (statusCode = prelude?.statusCode ?? 200): void => {
    if (begun) return;
    const contentType = FORMAT_CONTENT_TYPES[contract.format];
    // Names in lower case, so that a content type of the prelude's own replaces the format's.
    const headers = { 'content-type': contentType, ...lowerCased(prelude?.headers) };
    const given = prelude;
    // Where that cannot be sent, as one that is too long, the error that says so goes out with a plain one.
    prelude &&= {};
    const head = given && encodeHead({ ...given, statusCode, headers });
    begun = true;
    stream.setContentType?.(head ? HTTP_INTEGRATION_CONTENT_TYPE : contentType);
    if (head) write(head);
    if (version) write(encodeMarker(contract, 'start', { version }));
  };

  return [
    (chunk) => {
      if (ended) throw new Error('the stream has ended');
      const data = encodeChunk(contract, chunk);
      begin();
      measured.chunks++;
      write(data);
      return ready();
    },
    (kind, body, statusCode) => {
      const marker = encodeMarker(contract, kind, body);
      const isTold = marker || (prelude && !begun);
      ended = true;
      begin(statusCode);
      write(marker, true);
      return isTold;
    },
    (replacement) => {
      const problem = begun ? 'http() must be called before the first chunk' : httpProblem(replacement);
      if (problem) throw new Error(problem);
      prelude = { ...prelude, ...replacement };
    },
  ];
}

/** Calls a handler with a response stream that records, for what the official runtime would refuse or hide. */
import { createChunkDecoder, type StreamItem } from '../../src/contract/chunk-decoder';
import type { StreamContract } from '../../src/contract/stream-contract';
import type { StreamingLambdaHandler } from '../../src/handler/lambda-handler';
import { type HttpPrelude, PreludeSplitter } from '../../src/wire/http-prelude';
import { lambdaContext } from './official-runtime';

export interface Recorded {
  /** Undefined where the stream does not begin with one. */
  readonly prelude: HttpPrelude | undefined;
  readonly body: Buffer;
  readonly ended: boolean;
  /** What the invocation failed with, in an array because it can be anything. */
  readonly failed: readonly unknown[];
}

export interface RecordOptions {
  readonly event?: unknown;
  readonly timeoutMs?: number;
  /** From this write on, counted from 0, the stream fails. */
  readonly breaksAt?: number;
}

/** One invocation, up to the moment the handler settles. */
export async function record(handler: StreamingLambdaHandler, options: RecordOptions = {}): Promise<Recorded> {
  const { event, breaksAt = Infinity } = options;
  const pieces: Uint8Array[] = [];
  const failed: unknown[] = [];
  let contentType: string | undefined;
  let ended = false;
  const stream = {
    setContentType: (given: string) => {
      contentType = given;
    },
    write: (bytes: Uint8Array, flushed: (error?: Error | null) => void) => {
      const broken = pieces.push(bytes) > breaksAt;
      setImmediate(flushed, broken ? new Error('the connection is gone') : null);
      return !broken;
    },
    end: () => {
      ended = true;
    },
  };
  try {
    await handler(event, stream, lambdaContext(options));
  } catch (error) {
    failed.push(error);
  }
  const splitter = contentType?.includes('http-integration') ? new PreludeSplitter() : undefined;
  const bytes = Buffer.concat(pieces);
  const body = Buffer.from(splitter?.push(bytes) ?? bytes);
  return { prelude: splitter?.prelude, body, ended, failed };
}

/** What our own reader makes of it. */
export function itemsOf(contract: StreamContract, { body }: Recorded): StreamItem[] {
  const decoder = createChunkDecoder(contract);
  return [...decoder.push(body), ...decoder.flush()];
}

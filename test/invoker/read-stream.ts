/** Builds wire bytes, in their own words, and reads a stream to whatever end it has. */
import type { StreamContract } from 'cdk-lambda-streaming/contract';
import {
  type InvokedStream,
  type StreamInvokerOptions,
  type StreamResult,
  streamInvoker,
} from 'cdk-lambda-streaming/invoker';
import {
  encodeErrorFrame,
  encodeException,
  encodeFrame,
  encodeInvokeComplete,
  encodePayloadChunk,
  type InvokeComplete,
} from '../../src/wire/frame-encoder';
import type { WireServer } from './wire-server';

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
/** A payload chunk. */
export const payloadChunk = (payload: string | Uint8Array): Uint8Array =>
  encodePayloadChunk(typeof payload === 'string' ? utf8(payload) : payload);
/** The end of the invocation. */
export const invokeComplete = (complete: InvokeComplete = {}): Uint8Array => encodeInvokeComplete(complete);
/** An error frame. */
export const errorFrame = encodeErrorFrame;
/** An exception frame. */
export const exceptionFrame = (type: string, body: object): Uint8Array => encodeException(type, JSON.stringify(body));
/** An event of any type. */
export const event = (type: string, body: string): Uint8Array =>
  encodeFrame({ ':event-type': type, ':content-type': 'application/json', ':message-type': 'event' }, utf8(body));
export const base64 = (text: string): string => Buffer.from(text).toString('base64');

export interface Reading {
  /** What was handed out before the end. */
  readonly chunks: unknown[];
  /** What the loop threw. */
  readonly error?: unknown;
  /** What `stream.result` says; absent where it rejected, with the same error as the loop. */
  readonly result?: StreamResult<unknown>;
}

/** Reads `stream` chunk by chunk, then asks for its result. */
export async function readToEnd(stream: InvokedStream): Promise<Reading> {
  const chunks: unknown[] = [];
  try {
    for await (const chunk of stream) chunks.push(chunk);
  } catch (error) {
    const fromResult = await stream.result.catch((caught: unknown) => caught);
    if (fromResult !== error) throw new Error('the result and the loop disagree', { cause: fromResult });
    return { chunks, error };
  }
  return { chunks, result: await stream.result };
}

/** One call by `contract` to function `f` on `wire`, read to its end. */
export async function call(
  wire: WireServer,
  contract: StreamContract,
  options: Partial<StreamInvokerOptions> = {},
): Promise<Reading> {
  const all = { functionName: 'f', clientConfig: wire.clientConfig, ...options } as StreamInvokerOptions;
  const invoker = streamInvoker(contract, all);
  try {
    return await readToEnd((await invoker.invoke({})) as InvokedStream);
  } finally {
    invoker.close();
  }
}

/** What `promise` rejects with; fails where it does not. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  const nothing = Symbol('nothing');
  const error = await promise.then(
    () => nothing,
    (caught: unknown) => caught,
  );
  if (error === nothing) throw new Error('expected a rejection, but the promise was fulfilled');
  return error;
}

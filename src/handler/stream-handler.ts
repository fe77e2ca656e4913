/**
 * Lambda handlers from a contract and a function that yields or writes chunks. They await every write, end the stream
 * with a marker its reader can trust, and turn every failure into one; docs/stream-protocol.md has the protocol.
 */
import type { ContractTypes, StreamContract } from '../contract/stream-contract';
import type { ApplicationError } from './application-error';
import type { HandlerContext } from './handler-context';
import type { StreamHandlerOptions } from './handler-options';
import { checkArguments, lambdaHandler, type StreamingLambdaHandler } from './lambda-handler';

/** What the end of a producer gives: the contract's final value, or the error that ends the stream. */
type Returned<Types extends ContractTypes> = Types['final']['sent'] | ApplicationError<Types['error']['sent']>;

/**
 * What a generator for `Contract` yields and returns, to be written as its return type: the compiler then reports a
 * wrong chunk at its `yield`, and a wrong final value at its `return`.
 */
export type Yields<Contract extends StreamContract> =
  Contract extends StreamContract<infer Types>
    ? AsyncGenerator<Types['chunk']['sent'], Returned<Types>, unknown>
    : never;

/** What a producer gives: chunks, and the contract's final value as the generator's return value where it has one. */
export type ChunkSource<Types extends ContractTypes> = Types['final']['sent'] extends void
  ? AsyncIterable<Types['chunk']['sent']>
  : AsyncGenerator<Types['chunk']['sent'], Returned<Types>, unknown>;

/**
 * Takes the input and gives chunks. A conditional type, although its condition always holds: only of such a type does
 * the compiler know the chunk while it looks at a `yield`. Of a plain function type it would make `string` of a
 * literal, and refuse the chunks of a discriminated union.
 */
export type ProduceChunks<Types extends ContractTypes> = Types extends ContractTypes
  ? (input: Types['input']['received'], ctx: HandlerContext<Types>) => ChunkSource<Types>
  : never;

/** The same for a function that has to wait for its chunks' source. Not a union of both, which knows no `yield`. */
export type ProduceChunksLater<Types extends ContractTypes> = Types extends ContractTypes
  ? (input: Types['input']['received'], ctx: HandlerContext<Types>) => Promise<ChunkSource<Types>>
  : never;

/** Takes the input and writes chunks; gives the contract's final value where it has one. */
export type WriteChunks<Types extends ContractTypes> = Types extends ContractTypes
  ? (
      input: Types['input']['received'],
      writer: ChunkWriter<Types['chunk']['sent']>,
      ctx: HandlerContext<Types>,
    ) => Promise<Returned<Types>>
  : never;

/**
 * A handler whose `produce` yields chunks and returns the final value:
 * `streamHandler(chat, async function* (input, ctx): Yields<typeof chat> { yield { token: 'hi' }; return { tokens: 1 }; })`.
 */
export function streamHandler<Types extends ContractTypes>(
  contract: StreamContract<Types>,
  produce: ProduceChunks<Types>,
  options?: StreamHandlerOptions,
): StreamingLambdaHandler;
export function streamHandler<Types extends ContractTypes>(
  contract: StreamContract<Types>,
  produce: ProduceChunksLater<Types>,
  options?: StreamHandlerOptions,
): StreamingLambdaHandler;
export function streamHandler(
  contract: StreamContract,
  given: unknown,
  options?: StreamHandlerOptions,
): StreamingLambdaHandler {
  checkArguments('streamHandler', contract, given, 'an async function*');
  // What the overloads promise; written as a conditional type, the compiler cannot see it for all contracts at once.
  const produce = given as ProduceChunks<ContractTypes> | ProduceChunksLater<ContractTypes>;
  return lambdaHandler('streamHandler', contract, options, async (input, ctx, write) => {
    const source: Partial<AsyncIterable<unknown>> | null | undefined = await produce(input, ctx);
    const iterator: AsyncIterator<unknown, unknown> | undefined = source?.[Symbol.asyncIterator]?.();
    if (!iterator) {
      const got = source === null ? 'null' : typeof source;
      throw new TypeError(
        `streamHandler: the function returned nothing to iterate over, got ${got}; write it as 'async function*', or return an async iterable`,
      );
    }
    for (;;) {
      const { done, value } = await iterator.next();
      if (done) return value;
      try {
        await write(value);
      } catch (error) {
        // Lets the producer clean up; as in `for await`, an error of its own does not hide why the chunk was refused.
        await Promise.allSettled([iterator.return?.()]);
        throw error;
      }
    }
  });
}

/** Writes chunks of a contract. */
export interface ChunkWriter<Chunk> {
  /** Number of chunks written so far. */
  readonly chunks: number;
  /** Settles when there is room for the next chunk; rejects when the stream has failed or ended. */
  write(chunk: Chunk): Promise<void>;
}

/**
 * A handler that writes instead of yielding, for sources that push:
 * `streamWriterHandler(chat, async (input, writer, ctx) => { await writer.write({ token: 'hi' }); return { tokens: 1 }; })`.
 */
export function streamWriterHandler<Types extends ContractTypes>(
  contract: StreamContract<Types>,
  produce: WriteChunks<Types>,
  options?: StreamHandlerOptions,
): StreamingLambdaHandler;
export function streamWriterHandler(
  contract: StreamContract,
  given: unknown,
  options?: StreamHandlerOptions,
): StreamingLambdaHandler {
  checkArguments('streamWriterHandler', contract, given, 'an async function');
  const produce = given as WriteChunks<ContractTypes>;
  return lambdaHandler('streamWriterHandler', contract, options, async (input, ctx, write) => {
    let chunks = 0;
    // Writes that were not awaited still go out in order, and before the end; the first that fails fails the stream.
    let last = Promise.resolve();
    const final = await produce(
      input,
      {
        get chunks() {
          return chunks;
        },
        write: (chunk) => {
          chunks++;
          const written = last.then(() => write(chunk));
          written.catch(() => undefined);
          last = written;
          return written;
        },
      },
      ctx,
    );
    await last;
    return final;
  });
}

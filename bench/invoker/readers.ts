/** Three ways to read one response to its end, counting chunks and bytes and touching nothing else. */
import { request } from 'node:http';
import { InvokeWithResponseStreamCommand, LambdaClient, type LambdaClientConfig } from '@aws-sdk/client-lambda';
import { streamContract } from 'cdk-lambda-streaming/contract';
import { streamInvoker } from 'cdk-lambda-streaming/invoker';

export type ReaderName = 'raw' | 'sdk' | 'invoker';

/** What the invoker sends for an empty input. */
const NO_INPUT = new TextEncoder().encode('{}');

export interface Count {
  chunks: number;
  bytes: number;
  /** Milliseconds from the call to the first chunk. */
  firstMs: number;
}

export type Reader = (functionName: string) => Promise<Count>;

export function createReaders(endpoint: string): Record<ReaderName, Reader> {
  const config: LambdaClientConfig = {
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  };
  const client = new LambdaClient(config);
  return {
    raw: (functionName) => readRaw(endpoint, functionName),
    sdk: async (FunctionName) => {
      const count = start();
      const { EventStream = [] } = await client.send(
        new InvokeWithResponseStreamCommand({ FunctionName, Payload: NO_INPUT }),
      );
      for await (const event of EventStream) {
        if (event.PayloadChunk?.Payload) add(count, event.PayloadChunk.Payload.length);
      }
      return count;
    },
    invoker: async (functionName) => {
      const count = start();
      const invoker = invokerFor(functionName, config);
      for await (const chunk of await invoker.invoke({})) add(count, chunk.length);
      return count;
    },
  };
}

type BytesInvoker = ReturnType<typeof makeInvoker>;
const invokers = new Map<string, BytesInvoker>();

function invokerFor(functionName: string, config: LambdaClientConfig): BytesInvoker {
  const invoker = invokers.get(functionName) ?? makeInvoker(functionName, config);
  invokers.set(functionName, invoker);
  return invoker;
}

function makeInvoker(functionName: string, clientConfig: LambdaClientConfig) {
  return streamInvoker(streamContract({ format: 'bytes' }), { functionName, clientConfig });
}

/** The floor: bytes of a bare `node:http` response, neither framed nor checked. */
function readRaw(endpoint: string, functionName: string): Promise<Count> {
  const count = start();
  return new Promise((resolve, reject) => {
    request(`${endpoint}/${functionName}`, { method: 'POST' }, (response) => {
      response.on('data', (piece: Uint8Array) => add(count, piece.length));
      response.on('end', () => resolve(count));
      response.on('error', reject);
    })
      .on('error', reject)
      .end('{}');
  });
}

function start(): Count {
  return { chunks: 0, bytes: 0, firstMs: -performance.now() };
}

function add(count: Count, bytes: number): void {
  if (count.chunks === 0) count.firstMs += performance.now();
  count.chunks++;
  count.bytes += bytes;
}

/** Compiled, never run: what the compiler must accept and refuse of an invoker. */
import { LambdaClient } from '@aws-sdk/client-lambda';
import { type SseEvent, streamContract } from 'cdk-lambda-streaming/contract';
import { type InvokedStream, isStreamError, StreamTarget, streamInvoker } from 'cdk-lambda-streaming/invoker';
import { z } from 'zod';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(..._: Same<A, B> extends true ? [] : ['types differ', A, B]): void {
  // the work is the compiler's
}

const chat = streamContract({
  format: 'ndjson',
  input: z.object({ prompt: z.string(), limit: z.number().default(10) }),
  chunk: z.object({ at: z.string().transform((text) => new Date(text)) }),
  final: z.object({ tokens: z.number() }),
  error: z.object({ quota: z.number() }),
});
const invoker = streamInvoker(chat, { functionName: 'chat', qualifier: 'live', logs: 'tail', timeouts: { idleMs: 1 } });

export async function reads(): Promise<void> {
  const stream = await invoker.invoke({ prompt: 'hello' });
  same<typeof stream, InvokedStream<{ at: Date }, { tokens: number }>>();
  for await (const chunk of stream) same<typeof chunk, { at: Date }>();
  const { final, metrics, logTail } = await stream.result;
  same<typeof final, { tokens: number }>();
  same<typeof metrics.firstByteMs, number | undefined>();
  same<typeof logTail, string | undefined>();
  const [left] = stream.tee();
  left.toNodeReadable();
  const { chunks } = await left.collect();
  same<typeof chunks, readonly { at: Date }[]>();
  const plain = await streamInvoker(streamContract({ format: 'sse' }), { functionName: 'f' }).invoke({ anything: 1 });
  for await (const event of plain) same<typeof event, SseEvent>();
  const bytes = await streamInvoker(streamContract({ format: 'bytes' }), { functionName: 'f' }).invoke(undefined);
  for await (const piece of bytes) same<typeof piece, Uint8Array>();
}

export async function fails(error: unknown): Promise<unknown> {
  if (isStreamError(error, 'TIMEOUT'))
    return error.kind satisfies 'connect' | 'headers' | 'firstByte' | 'idle' | 'total';
  if (isStreamError(error, 'REMOTE', chat)) {
    same<typeof error.data, { quota: number } | undefined>();
    return error.errorType;
  }
  if (isStreamError(error)) {
    same<typeof error.invoked, 'no' | 'maybe' | 'yes'>();
    switch (error.code) {
      case 'TRUNCATED':
        return error.where;
      case 'FUNCTION_ERROR':
        return error.errorMessage;
      case 'THROTTLED':
        return error.retryAfterMs;
    }
    // @ts-expect-error details belong to their code
    return error.where;
  }
  // @ts-expect-error no such code
  return isStreamError(error, 'NOPE');
}

export async function asks(): Promise<string> {
  const answer = await invoker.dryRun();
  // @ts-expect-error a reason only where it is refused
  answer.reason;
  return answer.allowed ? 'yes' : answer.reason;
}

// accepted
streamInvoker(chat, { target: StreamTarget.fromOutputsFile('cdk-outputs.json', 'ChatStack') });
streamInvoker(chat, { functionName: 'f', client: new LambdaClient({}) });
streamInvoker(chat, { functionName: 'f', clientConfig: { region: 'eu-west-1' }, retry: false });

// refused
// @ts-expect-error neither function nor target
streamInvoker(chat, {});
// @ts-expect-error function and target
streamInvoker(chat, { functionName: 'f', target: StreamTarget.fromArn('a') });
// @ts-expect-error a target has its own qualifier
streamInvoker(chat, { qualifier: 'live', target: StreamTarget.fromArn('a') });
// @ts-expect-error client and configuration
streamInvoker(chat, { functionName: 'f', client: new LambdaClient({}), clientConfig: {} });
// @ts-expect-error an input of another type
invoker.invoke({ prompt: 1 });
// @ts-expect-error a transformed chunk schema does not make the input optional
invoker.invoke();

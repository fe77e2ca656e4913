/** Compiled, never run: the fetcher infers as the invoker does, and takes what Node.js and the AWS SDK give. */
import type { LambdaClientConfig } from '@aws-sdk/client-lambda';
import { streamContract } from 'cdk-lambda-streaming/contract';
import {
  type AwsCredentialsProvider,
  type FetchFunction,
  isStreamError,
  type ResponseStream,
  streamFetcher,
} from 'cdk-lambda-streaming/fetcher';
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
const prose = streamContract({ format: 'text' });
const url = 'https://abc.lambda-url.eu-west-1.on.aws/';

export async function typed(error: unknown): Promise<void> {
  const fetcher = streamFetcher(chat, { url, sign: 'iam' });
  const stream = await fetcher.invoke({ prompt: 'hi' }, { signal: AbortSignal.timeout(1_000) });
  same<typeof stream, ResponseStream<{ at: Date }, { tokens: number }>>();
  for await (const { at } of stream) same<typeof at, Date>();
  const { final } = await stream.result;
  same<typeof final, { tokens: number }>();
  if (isStreamError(error, 'REMOTE', chat)) same<typeof error.data, { quota: number } | undefined>();

  // @ts-expect-error the input lacks the prompt
  await fetcher.invoke({ limit: 1 });
  // @ts-expect-error a call cannot change the way of signing
  await fetcher.invoke({ prompt: '' }, { sign: 'none' });

  const text = await streamFetcher(prose, { url, sign: 'none' }).invoke({ anything: true });
  same<typeof text, ResponseStream<string, undefined>>();
}

// @ts-expect-error whether to sign must be said
streamFetcher(chat, { url });
// @ts-expect-error not a way to sign
streamFetcher(chat, { url, sign: 'sigv4' });
// @ts-expect-error GET has no body to carry the input
streamFetcher(chat, { url, sign: 'none', method: 'GET' });
// @ts-expect-error credentials without a secret
streamFetcher(chat, { url, sign: { credentials: { accessKeyId: '' } } });

export const nodeFetch: FetchFunction = fetch;
declare const sdkCredentials: Exclude<LambdaClientConfig['credentials'], undefined>;
declare const sdkProvider: Extract<typeof sdkCredentials, (...args: never[]) => unknown>;
export const provider: AwsCredentialsProvider = () => sdkProvider();
streamFetcher(chat, { url, sign: { credentials: sdkProvider } });

/** What holds for every call, whoever makes it. */
import { streamContract } from 'cdk-lambda-streaming/contract';
import { streamFetcher } from 'cdk-lambda-streaming/fetcher';
import { streamInvoker } from 'cdk-lambda-streaming/invoker';

const text = streamContract({ format: 'text' });
const calls = {
  invoker: () =>
    streamInvoker(text, { functionName: 'f', clientConfig: { region: 'eu-west-1' } }).invoke(
      {},
      { signal: AbortSignal.abort() },
    ),
  fetcher: () =>
    streamFetcher(text, { url: 'https://example.com', sign: 'none', fetch: async () => new Response('x') }).invoke(
      {},
      { signal: AbortSignal.abort() },
    ),
};

test.each(Object.entries(calls))('a forgotten await is told where the loop begins: %s', async (_, invoke) => {
  const forgotten = invoke() as unknown as AsyncIterable<string>;
  const loop = async () => {
    for await (const chunk of forgotten) throw new Error(chunk);
  };
  await expect(loop()).rejects.toThrow(
    new TypeError(
      'invoke() gives a promise of the stream, which was not awaited: for await (const chunk of await invoke(…))',
    ),
  );
  await Promise.allSettled([forgotten]);
});

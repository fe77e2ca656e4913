/** Compiled with the DOM's types, never run: what a page may pass. */
import { type FetchFunction, type StreamFetcher, streamFetcher } from 'cdk-lambda-streaming/fetcher';
import { reading } from '../../examples/browser-stream/contract';

export const domFetch: FetchFunction = fetch;
export const withCookies: StreamFetcher<typeof reading> = streamFetcher(reading, {
  url: new URL('/api/read', location.href),
  sign: 'none',
  fetch: (url, request) => fetch(url, { ...request, credentials: 'include' }),
});

export async function show(target: HTMLElement): Promise<void> {
  const stream = await withCookies.invoke({ ending: 'whole' }, { signal: AbortSignal.timeout(5_000) });
  await stream.toReadableStream().pipeTo(new WritableStream({ write: ({ word }) => target.append(word) }));
  // Its types come with the fetcher's.
  await using left = await withCookies.invoke({});
  for await (const { word } of left) if (word === 'stop') return;
  // @ts-expect-error the contract has no such ending
  await withCookies.invoke({ ending: 'other' });
}

/** Reads both kinds of streams with the stock links: `tsx client.ts <function URL>`. */
import { createTRPCClient, httpBatchStreamLink, httpSubscriptionLink, splitLink } from '@trpc/client';
import { EventSource } from 'eventsource';
import type { Api } from './router';

const url = new URL('trpc', process.argv[2]);
const client = createTRPCClient<Api>({
  links: [
    splitLink({
      condition: ({ type }) => type === 'subscription',
      true: httpSubscriptionLink({ url: url.href, EventSource }),
      false: httpBatchStreamLink({ url: url.href }),
    }),
  ],
});

async function main(): Promise<void> {
  for await (const letter of await client.spell.query({ text: 'abc' })) console.log('letter', letter);
  await new Promise<void>((resolve, reject) => {
    client.countdown.subscribe(
      { from: 3 },
      {
        onConnectionStateChange: ({ state, error }) => error && console.log(state, error.message),
        onData: ({ data: { left } }) => console.log('left', left),
        onComplete: resolve,
        onError: reject,
      },
    );
  });
  console.log('lift-off');
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});

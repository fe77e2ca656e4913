import { initTRPC, tracked } from '@trpc/server';
import * as z from 'zod';

const { procedure, router } = initTRPC.create();
const pause = () => new Promise((resolve) => setTimeout(resolve, 50));

export const api = router({
  /** A query whose values arrive one by one, read by `httpBatchStreamLink`. */
  spell: procedure.input(z.object({ text: z.string() })).query(async function* ({ input: { text } }) {
    for (const letter of text) {
      yield letter;
      await pause();
    }
  }),
  /** A subscription that a client that was cut off goes on with, read by `httpSubscriptionLink`. */
  countdown: procedure
    .input(z.object({ from: z.number().int().max(100), lastEventId: z.coerce.number().optional() }))
    .subscription(async function* ({ input: { from, lastEventId } }) {
      for (let left = (lastEventId ?? from + 1) - 1; left >= 0; left--) {
        yield tracked(String(left), { left });
        await pause();
      }
    }),
});

export type Api = typeof api;

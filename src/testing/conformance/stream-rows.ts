/** Rows on bodies that take their time, are big, or fail. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { BIG_PIECE_BYTES, BIG_PIECES, LONG_TEXT } from './behaviours';
import { payload2 } from './events';
import { differenceOf } from './expected';
import { type Row, row } from './row';

export const STREAM_ROWS: readonly Row[] = [
  row(
    34,
    'the framing is neither a header nor in the body',
    'serverless-http#142, serverless-express#10',
    payload2('/is/framed'),
    {
      headers: { 'transfer-encoding': null, connection: null },
      body: 'onetwo',
    },
  ),
  row(35, 'line breaks alone arrive', 'serverless-adapter#260', payload2('/is/line-breaks'), {
    body: '\n\n\r\n0\r\n\r\n',
  }),
  {
    id: 36,
    name: 'a small piece is sent while the next one takes its time',
    seen: 'serverless-adapter#166, ric#94',
    run: async ({ handler, newFile }) => {
      const gate = newFile();
      const event = payload2(`/is/gated?gate=${gate}`);
      // The second piece comes only after the first was seen.
      const seen = await handler.invoke(event, { onBody: (body) => `${body}` === 'first' && writeFileSync(gate, '') });
      return differenceOf(seen, { body: 'firstsecond' });
    },
  },
  {
    id: 37,
    name: 'a slow client holds the app back',
    seen: 'hono#5333',
    run: async ({ handler, newFile }) => {
      const count = newFile();
      let held = BIG_PIECES;
      const seen = await handler.invoke(payload2(`/is/big?count=${count}`), {
        beforeReading: async () => {
          held = await settledCount(count);
        },
      });
      if (held >= BIG_PIECES / 2) return `the app should wait for its reader, but went on to piece ${held}`;
      return seen.body.length === BIG_PIECES * BIG_PIECE_BYTES ? undefined : `${seen.body.length} bytes arrived`;
    },
  },
  {
    id: 38,
    name: 'a connection that closes ends the wait for it',
    seen: 'srvx#300',
    run: async ({ handler, newFile }) => {
      const count = newFile();
      const seen = await handler.invoke(payload2(`/is/big?count=${count}`), {
        beforeReading: async (cut) => {
          await settledCount(count);
          cut();
        },
      });
      const { failure } = seen;
      return failure && failure.origin !== 'timeout'
        ? undefined
        : `the invocation should fail at once, got ${failure?.errorType}`;
    },
  },
  row(39, 'all of a big body arrives', 'hono#5333', payload2('/is/big'), {
    body: Buffer.concat(Array.from({ length: BIG_PIECES }, (_, at) => Buffer.alloc(BIG_PIECE_BYTES, at % 256))),
  }),
  row(40, 'small and big pieces, as a server renders them', 'opennextjs-aws#395', payload2('/is/mixed'), {
    body: `<p>shell</p>${'.'.repeat(BIG_PIECE_BYTES)}`.repeat(8),
  }),
  row(41, 'an error in the middle is not an end', 'measured', payload2('/is/failing'), {
    status: 200,
    body: 'half',
    fails: true,
  }),
  row(42, 'an error in the middle of events is told, and ends at once', 'measured', payload2('/is/failing-events'), {
    status: 200,
    body: /^data: 1\n\ndata: \{"half":\n\nevent: error\ndata: \{(?!.*secret).*\}\n\n$/,
    fails: true,
  }),
  {
    id: 43,
    name: 'an error in the middle counts as a failed invocation',
    seen: 'hono (its handler catches and does not throw again)',
    run: async ({ handler }) => {
      const { failure } = await handler.invoke(payload2('/is/failing'));
      return failure?.message === 'secret' ? undefined : `the failure should be the app's, got ${failure?.message}`;
    },
  },
  {
    id: 44,
    name: 'an error before the head is status 500, once',
    seen: 'aws-lambda-web-adapter#575',
    run: async ({ handler }) => {
      const failed = await handler.invoke(payload2('/is/throwing'));
      const next = await handler.invoke(payload2('/echo'));
      return (
        // A failed invocation would cut the response off, and its client would read an error of the network.
        differenceOf(failed, { status: 500 }) ??
        differenceOf(next, { status: 200 }) ??
        // An environment that was ended by the error would have to load the function again.
        (/INIT_START|Init Duration/.test(next.log) ? 'the execution environment was lost' : undefined)
      );
    },
  },
  row(45, 'an error tells the client nothing of itself', 'measured', payload2('/is/throwing'), {
    status: 500,
    body: /^(?!.*secret)/s,
  }),
  row(46, 'what is written after the app returned', 'serverless-adapter#220', payload2('/is/late'), {
    body: 'onetwothree',
  }),
  row(47, 'an open socket does not hold the end', 'opennextjs-aws#487, upstash#91', payload2('/is/keeping-open'), {
    body: 'open',
  }),
  row(
    48,
    'a stream of Node.js as a body',
    'nitro#3358, powertools#4626, middy#1053',
    payload2('/is/node-stream'),
    { body: 'onetwo' },
    { only: 'fetch' },
  ),
  row(
    49,
    'nothing is compressed that the app did not compress',
    'ric#96, opennextjs-aws#1127',
    payload2('/is/long-text', { headers: { host: 'h', 'accept-encoding': 'gzip, br' } }),
    { headers: { 'content-encoding': null }, body: LONG_TEXT },
  ),
  row(50, 'a long text', 'middy#1137', payload2('/is/long-text'), { body: LONG_TEXT }),
];

/** Looks at a file until the function, which has ten seconds, has surely ended. */
const MOST_LOOKS = 240;

/** The number in the file once it grows no more; 0 where the app was not reached, or not told of the file. */
async function settledCount(file: string): Promise<number> {
  let last = -1;
  for (let same = 0, looks = 0; same < 10 && looks < MOST_LOOKS; looks++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    const now = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
    same = now === last && now > 0 ? same + 1 : 0;
    last = now;
  }
  return last;
}

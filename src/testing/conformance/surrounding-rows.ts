/** Rows on what is around an adapter: wrappers, other adapters, protocols, front ends, the deadline. */
import { writeFileSync } from 'node:fs';
import { payload1, payload2, post } from './events';
import { differenceOf, type Expected } from './expected';
import { type Row, row } from './row';

const JSON_TYPE = { 'content-type': 'application/json' };

const DROPPED: Expected = {
  status: 200,
  form: 'proxy',
  headers: JSON_TYPE,
  echo: { path: '/echo' },
  log: /keepStreaming|wrapper/,
};

export const SURROUNDING_ROWS: readonly Row[] = [
  row(51, 'a wrapper without the mark is named', 'sentry-javascript#12815, #15774', payload2('/echo'), DROPPED, {
    on: 'closure',
  }),
  row(52, 'a bound handler', 'opentelemetry-js-contrib#2827', payload2('/echo'), DROPPED, { on: 'bound' }),
  row(53, 'a wrapper of event and context', 'lumigo-node#511, node-newrelic#1653', payload2('/echo'), DROPPED, {
    on: 'twoArguments',
  }),
  {
    id: 54,
    name: 'an adapter inside the adapter is named',
    seen: 'ion#559',
    only: 'fetch',
    run: async ({ handler }) =>
      differenceOf(await handler.invoke(payload2('/is/proxy-answer')), { status: 500, log: /adapter/ }),
  },
  row(55, 'a refusal of the app passes', 'colophon-group/jobseek#8656', payload2('/is/refused'), {
    status: 405,
    headers: { allow: 'POST' },
  }),
  row(
    56,
    'JSON-RPC answered by events',
    'modelcontextprotocol/typescript-sdk#2409',
    post('/is/rpc', '{"jsonrpc":"2.0","id":7,"method":"ping"}'),
    {
      status: 200,
      headers: { 'content-type': 'text/event-stream' },
      body: /^event: message\ndata: \{"jsonrpc":"2.0","id":7,"result":\{\}\}\n\n/,
    },
  ),
  {
    id: 57,
    name: 'the deadline, and nothing else, ends an endless response',
    seen: 'ric#145',
    run: async ({ hasty }) => {
      const seen = await hasty.invoke(payload2('/is/endless'));
      const problem = differenceOf(seen, { status: 200, body: /^data: 1\n\n(?=.*\nevent: error\n)/s, fails: true });
      return problem ?? (seen.failure?.origin === 'timeout' ? 'the function timed out' : undefined);
    },
  },
  {
    id: 58,
    name: 'the head comes first, and before the body',
    seen: 'sveltekit-adapter-aws#540',
    run: async ({ handler, newFile }) => {
      const gate = newFile();
      const event = payload2(`/is/gated-head?gate=${gate}`);
      // The body begins only after the head was seen.
      const opened = { onBody: (body: Buffer) => body.length === 0 && writeFileSync(gate, '') };
      return differenceOf(await handler.invoke(event, opened), { form: 'stream', status: 200, body: /^data: 1\n\n/ });
    },
  },
  {
    id: 59,
    name: 'a function URL and a REST API get the same',
    seen: 'opennextjs-aws#1181',
    run: async ({ handler }) => {
      const [url, rest] = [await handler.invoke(payload2('/is/framed')), await handler.invoke(payload1('/is/framed'))];
      const { head, form } = url;
      return differenceOf(rest, { status: head?.statusCode, headers: head?.headers, form, body: url.body });
    },
  },
  row(60, 'a head that is too long is refused with a reason', 'measured', payload2('/is/long-head'), {
    status: 500,
    log: /prelude has \d+ bytes|16,?384|too long/,
  }),
];

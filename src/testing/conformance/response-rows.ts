/** Rows on status, headers, cookies and short bodies. */
import { BINARY } from './behaviours';
import { loadBalancer, payload1, payload2 } from './events';
import type { Expected } from './expected';
import { type Row, row } from './row';

const REDIRECT: Expected = { status: 302, headers: { location: '/next' }, body: '' };

export const RESPONSE_ROWS: readonly Row[] = [
  row(1, 'a redirect without a body ends at once', 'nitro#3345, #4417', payload2('/is/redirect'), REDIRECT),
  row(2, 'a redirect of a REST API', 'srvx#204', payload1('/is/redirect'), REDIRECT),
  row(3, 'a redirect of a load balancer keeps its status', 'hono#2413', loadBalancer('/is/redirect'), {
    ...REDIRECT,
    form: 'proxy',
  }),
  row(4, 'a redirect to HEAD', 'aws-lambda-web-adapter#499', payload2('/is/redirect', {}, 'HEAD'), REDIRECT),
  row(5, 'a redirect with an empty text', 'middy#1189', payload2('/is/redirect-empty-text'), {
    status: 301,
    headers: { location: '/next' },
    body: '',
  }),
  row(6, 'an empty text keeps status and headers', 'ric#97', payload2('/is/empty-text'), {
    status: 200,
    headers: { 'x-app': 'yes' },
    body: '',
  }),
  row(7, 'a stream that closes without a chunk', 'ric#95', payload2('/is/empty-stream'), {
    status: 200,
    headers: { 'x-app': 'yes' },
    body: '',
  }),
  row(8, 'a null body ends', 'powertools#4650', payload2('/is/null'), { status: 200, headers: { 'x-app': 'yes' } }),
  row(9, 'an empty body gets no byte', 'opennextjs-aws#443', payload2('/is/null'), { status: 200, body: '' }),
  row(10, '304 stays, without a body', 'opennextjs-aws#632', payload2('/is/unmodified'), {
    status: 304,
    headers: { etag: '"1"' },
    body: '',
  }),
  row(11, 'two cookies are two', 'hono#2921, trpc#4546, sveltekit-adapter-aws#604', payload2('/is/cookies'), {
    cookies: ['a=1; Path=/', 'b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT'],
    body: 'x',
  }),
  row(12, 'cookies of a stream', 'nitro#3228, TanStack/router#3796', payload2('/is/cookies-in-a-stream'), {
    cookies: ['a=1', 'b=2'],
    body: /^data: 1\n\n/,
  }),
  row(13, 'cookies are not in the headers too', 'srvx#239', payload2('/is/cookies'), {
    headers: { 'set-cookie': null },
  }),
  row(14, 'a content type is as it was set', 'hono#1672', payload2('/is/typed'), {
    headers: { 'content-type': 'text/csv; charset=utf-8' },
    body: 'a,b\n',
  }),
  row(15, 'an encoded text is not decoded', 'srvx#239, hono#1294, aws-lambda-fastify#117', payload2('/is/encoded'), {
    headers: { 'content-encoding': 'gzip' },
    body: BINARY,
  }),
  row(16, 'bytes stay bytes', 'hono#1160, sveltejs/kit#4174', payload2('/is/binary'), { body: BINARY }),
];

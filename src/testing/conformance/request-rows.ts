/** Rows on what the app sees of a request. */
import { BINARY } from './behaviours';
import { loadBalancer, payload1, payload2, post } from './events';
import { type Row, row } from './row';

export const REQUEST_ROWS: readonly Row[] = [
  row(17, 'a base64 body keeps its bytes', 'sst#6275, hono#1235', post('/echo', BINARY), {
    echo: { method: 'POST', body: Buffer.from(BINARY).toString('base64') },
  }),
  row(
    18,
    'cookies of payload 2.0 are one header',
    'aws-lambda-fastify#50, nuxt/framework#3136, hattip#159',
    payload2('/echo', { cookies: ['a=1', 'b=2'] }),
    { echo: { header: { cookie: 'a=1; b=2' } } },
  ),
  row(
    19,
    'a repeated header of a REST API',
    'srvx#239',
    payload1('/echo', { headers: { 'X-Tag': 'b' }, multiValueHeaders: { 'X-Tag': ['a', 'b'] } }),
    { echo: { header: { 'x-tag': 'a, b' } } },
  ),
  row(
    20,
    'a header in both maps is there once',
    'trpc#7039',
    payload1('/echo', { headers: { 'Trpc-Accept': 'x' }, multiValueHeaders: { 'Trpc-Accept': ['x'] } }),
    { echo: { header: { 'trpc-accept': 'x' } } },
  ),
  row(
    21,
    'a repeated header of a load balancer',
    'serverless-express#554',
    loadBalancer('/echo', { headers: undefined, multiValueHeaders: { host: ['h'], 'x-tag': ['a', 'b'] } }),
    { echo: { header: { 'x-tag': 'a, b' } } },
  ),
  row(
    22,
    'a load balancer with multi-value headers',
    'measured',
    loadBalancer('/echo', {
      headers: undefined,
      queryStringParameters: undefined,
      multiValueHeaders: { host: ['h'] },
      multiValueQueryStringParameters: { a: ['1', '2'] },
    }),
    { status: 200, form: 'proxy', echo: { host: 'h', query: '?a=1&a=2' } },
  ),
  row(
    23,
    'a REST API without headers, query and body',
    'measured',
    payload1('/echo', { headers: null, multiValueHeaders: null }),
    { status: 200, echo: { path: '/echo', query: '' } },
  ),
  row(
    24,
    'a query of a load balancer is encoded once',
    'serverless-express#219, serverless-http#74',
    loadBalancer('/echo', { queryStringParameters: { q: 'a%20b' } }),
    { echo: { query: '?q=a%20b' } },
  ),
  row(
    25,
    'a query of a REST API is encoded again',
    'hono#4358',
    payload1('/echo', { multiValueQueryStringParameters: { '{bookId}': ['a b'] } }),
    { echo: { query: '?%7BbookId%7D=a%20b' } },
  ),
  row(
    26,
    'a query name without a value',
    'srvx#299',
    payload1('/echo', { queryStringParameters: { foo: '' }, multiValueQueryStringParameters: { foo: [''] } }),
    { echo: { query: '?foo' } },
  ),
  row(27, 'a query is as it was sent', 'aws-lambda-web-adapter#491', payload2('/echo?q=a+b&d=%zz'), {
    echo: { query: '?q=a+b&d=%zz' },
  }),
  row(
    28,
    'a path that was decoded is encoded again',
    'hono#2156, standard-server#93',
    payload2('/echo', { rawPath: '/a#b?c d/é/100%/%2F' }),
    { echo: { path: '/a%23b%3Fc%20d/%C3%A9/100%25/%2F', query: '' } },
  ),
  row(29, 'a stage in the path is not guessed', 'serverless-express#86, serverless-http#35', payload2('/prod/echo'), {
    echo: { path: '/prod/echo' },
  }),
  row(30, 'a body of GET is dropped', 'measured', payload2('/echo', { body: 'x' }), { echo: { body: '' } }),
  row(
    31,
    'a header beyond Latin-1 is served',
    'measured',
    payload2('/echo', { headers: { host: 'h', 'x-name': 'Ł' } }),
    { status: 200, echo: { header: { 'x-name': /%C5%81/ } } },
  ),
  row(
    32,
    'a request without a host',
    'measured',
    payload1('/echo', { headers: null, multiValueHeaders: null, requestContext: { httpMethod: 'GET' } }),
    {
      status: 200,
      echo: { host: /^(?!undefined)/ },
    },
  ),
  row(33, 'a load balancer over http', 'measured', loadBalancer('/echo'), { echo: { protocol: 'http:' } }),
];

import { httpEventOf } from '../../src/wire/http-event';

test.each([
  ['a function URL or an HTTP API', { version: '2.0', requestContext: { http: { method: 'GET' } } }],
  ['a REST API', { httpMethod: 'GET', requestContext: { httpMethod: 'GET' } }],
  ['a REST API, as some test tools write it', { requestContext: { httpMethod: 'GET' } }],
  ['a load balancer', { httpMethod: 'GET', requestContext: { elb: {} } }],
])('an event of %s is one of HTTP', (_, event) => {
  expect(httpEventOf(event)).toBe(event);
});

test.each([
  ['the input of a direct call', { prompt: 'hi' }],
  ['an input that only has a method', { httpMethod: 'GET' }],
  ['an event of a WebSocket API', { requestContext: { routeKey: '$connect' } }],
  ['text', 'text'],
  ['null', null],
  ['nothing', undefined],
])('%s is not', (_, event) => {
  expect(httpEventOf(event)).toBeUndefined();
});

/** What a refusal says in each dialect, and what becomes of it by its status and name. */
import {
  excerpt,
  isAboutCredentials,
  mediaType,
  type RefusalAnswer,
  type RefusalContext,
  readRefusal,
  refusalError,
} from '../../../src/stream/errors/refusal';

const headersOf =
  (headers: Record<string, string> = {}) =>
  (name: string): string | undefined =>
    headers[name];

const become = (answer: Partial<RefusalAnswer>, context: Partial<RefusalContext> = {}) =>
  refusalError(
    { status: 500, header: headersOf(), ...answer },
    { message: 'm', facts: { phase: 'request' }, isOfService: true, clockCorrected: () => false, ...context },
  );

test.each<[status: number, name: string | undefined, becomes: object]>([
  [401, undefined, { code: 'ACCESS_DENIED', reason: 'credentials', message: expect.stringContaining('m') }],
  [403, 'ExpiredTokenException', { code: 'ACCESS_DENIED', reason: 'credentials', invoked: 'no', retryable: false }],
  [400, 'UnrecognizedClientException', { code: 'ACCESS_DENIED', reason: 'credentials', invoked: 'no' }],
  [
    403,
    'AccessDeniedException',
    { code: 'ACCESS_DENIED', reason: 'unknown', invoked: 'no', message: '[ACCESS_DENIED] m' },
  ],
  [402, undefined, { code: 'SERVICE', statusCode: 402 }],
  [404, 'ResourceNotFoundException', { code: 'NOT_FOUND', invoked: 'no', retryable: false }],
  [405, undefined, { code: 'SERVICE', errorName: 'HTTP 405', statusCode: 405, invoked: 'no', retryable: false }],
  [413, 'RequestTooLargeException', { code: 'REQUEST_TOO_LARGE', invoked: 'no', retryable: false }],
  [414, undefined, { code: 'SERVICE', errorName: 'HTTP 414' }],
  [429, 'TooManyRequestsException', { code: 'THROTTLED', invoked: 'no', retryable: true }],
  [430, undefined, { code: 'SERVICE', errorName: 'HTTP 430' }],
  [399, undefined, { code: 'SERVICE', errorName: 'Redirect', statusCode: 399 }],
  [400, undefined, { code: 'SERVICE', errorName: 'HTTP 400', statusCode: 400 }],
  [400, 'InvalidParameterValueException', { code: 'SERVICE', errorName: 'InvalidParameterValueException' }],
  [499, undefined, { code: 'SERVICE', invoked: 'no', retryable: false }],
  [500, undefined, { code: 'SERVICE', errorName: 'HTTP 500', invoked: 'maybe', retryable: true }],
  [501, undefined, { code: 'SERVICE', invoked: 'maybe', retryable: false }],
  [502, undefined, { code: 'SERVICE', invoked: 'maybe', retryable: true }],
  [503, undefined, { code: 'SERVICE', invoked: 'maybe', retryable: true }],
  [504, undefined, { code: 'SERVICE', invoked: 'maybe', retryable: true }],
  [505, undefined, { code: 'SERVICE', invoked: 'maybe', retryable: false }],
  [502, 'KMSAccessDeniedException', { code: 'SERVICE', invoked: 'no', retryable: false }],
  [502, 'EC2ThrottledException', { code: 'SERVICE', invoked: 'no', retryable: true }],
  [409, 'ResourceConflictException', { code: 'SERVICE', invoked: 'no', retryable: true }],
  [501, 'ServiceException', { code: 'SERVICE', invoked: 'maybe', retryable: true }],
])('status %i with the name %s', (status, name, becomes) => {
  expect(become({ status, name })).toMatchObject({ phase: 'request', ...becomes });
});

test('what is refused by status may be the word of the function, where that can answer itself', () => {
  for (const status of [403, 404, 413, 429]) {
    expect(become({ status }, { isOfService: false }).invoked).toBe('maybe');
    expect(become({ status }, { isOfService: true }).invoked).toBe('no');
  }
  expect(become({ status: 502, name: 'SnapStartException' }, { isOfService: false }).invoked).toBe('no');
});

test('words about credentials count where the name of the error is hidden, with the status that goes with them', () => {
  const message = 'The security token included in the request is expired';
  expect(become({ status: 403, message })).toMatchObject({ code: 'ACCESS_DENIED', reason: 'credentials' });
  expect(become({ status: 400, message })).toMatchObject({ code: 'SERVICE' });
  expect(become({ status: 403, message: 'Signature expired' }, { clockCorrected: () => true }).retryable).toBe(true);
  expect(['ExpiredToken', 'Expired', undefined].map(isAboutCredentials)).toEqual([true, false, false]);
});

test.each<[value: string | undefined, ms: number | undefined]>([
  [undefined, undefined],
  ['', undefined],
  ['  ', undefined],
  ['7', 7_000],
  ['0.5', 500],
  ['0', 0],
  ['-5', 0],
  ['soon', undefined],
  ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
])('retry-after %j asks for %s ms', (value, retryAfterMs) => {
  const header = headersOf(value === undefined ? {} : { 'retry-after': value });
  expect(become({ status: 429, reason: 'CallerRateLimitExceeded', header })).toMatchObject({
    reason: 'CallerRateLimitExceeded',
    retryAfterMs,
  });
});

test('retry-after may be a date', () => {
  jest.useFakeTimers({ now: Date.parse('2026-01-01T00:00:00Z') });
  const header = headersOf({ 'retry-after': 'Thu, 01 Jan 2026 00:01:00 GMT' });
  expect(become({ status: 429, header })).toMatchObject({ retryAfterMs: 60_000 });
  jest.useRealTimers();
});

test.each<[dialect: string, headers: Record<string, string>, body: string, said: object]>([
  ['nothing', {}, '', { message: '' }],
  ['Lambda’s JSON', {}, '{"Message":"no","Reason":"R"}', { name: undefined, message: 'no', reason: 'R' }],
  ['JSON in small letters', {}, '{"__type":"com.amazonaws#Denied","message":"no"}', { name: 'Denied', message: 'no' }],
  ['a name without a namespace', {}, '{"__type":"Denied"}', { name: 'Denied', message: '{"__type":"Denied"}' }],
  ['a code', {}, '{"Code":"A","code":"B","Message":"x","message":"y"}', { name: 'A', message: 'x' }],
  ['a code in small letters', {}, '{"code":"B"}', { name: 'B' }],
  ['members that are no texts', {}, '{"code":7,"message":"","Reason":{}}', { name: undefined, reason: undefined }],
  ['JSON that is no object', {}, '"plain"', { message: '"plain"' }],
  ['null', {}, 'null', { message: 'null' }],
  ['plain words', {}, 'try  again\n', { message: 'try again' }],
  ['a header', { 'x-amzn-errortype': 'A:http://x/' }, '{"code":"B"}', { name: 'A' }],
  ['an empty header', { 'x-amzn-errortype': '' }, '{"code":"B"}', { name: 'B' }],
  [
    'XML by its type',
    { 'content-type': 'text/xml' },
    '<E><Code>C</Code><Message>M</Message></E>',
    { name: 'C', message: 'M' },
  ],
  [
    'XML by its beginning',
    {},
    '<?xml version="1.0"?><E><Code>C</Code></E>',
    { name: 'C', message: expect.any(String) },
  ],
  ['XML without words', { 'content-type': 'application/xml' }, '<E/>', { name: undefined, message: '<E/>' }],
  ['a page', { 'content-type': 'text/html; charset=utf-8' }, '<title> 502 </title><p>x', { message: '502' }],
  ['a page without a title', { 'content-type': 'text/html' }, '<p>a</p><p>b</p>', { message: 'a b' }],
  ['a page with an empty title', { 'content-type': 'text/html' }, '<title> </title><p>b', { message: 'b' }],
  ['a page that says that it is text', { 'content-type': 'text/plain' }, '<p>b', { message: '<p>b' }],
])('reads %s', (_, headers, body, said) => {
  expect(readRefusal(headersOf(headers), body)).toMatchObject(said);
});

test('an excerpt is one line of at most 200 characters', () => {
  expect(excerpt(' a\n\n b\t')).toBe('a b');
  expect(excerpt('x'.repeat(200))).toBe('x'.repeat(200));
  expect(excerpt(`ab${'x'.repeat(199)}`)).toBe(`ab${'x'.repeat(197)}…`);
});

test.each([
  ['text/HTML ; charset=utf-8', 'text/html'],
  ['text/plain', 'text/plain'],
  ['', undefined],
  [' ;x', undefined],
  [null, undefined],
  [undefined, undefined],
])('the media type of %j is %s', (header, type) => {
  expect(mediaType(header)).toBe(type);
});

import type { Authorize } from '../../../src/local/iam/authorize';
import { evaluate } from '../../../src/local/iam/evaluate';
import { Refusals, refusalIn } from '../../../src/local/iam/refusals';

const allow = (Resource: string) => ({
  Version: '2012-10-17',
  Statement: { Effect: 'Allow' as const, Action: '*', Resource },
});

/** Allows what its identity-based policy allows. */
function authorizeBy(policy: ReturnType<typeof allow>): Authorize {
  return ({ principal, action, resource }) =>
    evaluate({ principal, action, resource, identityPolicies: [{ name: 'p', document: policy }] });
}

const request = (resource: string) => ({
  principal: {
    kind: 'assumed-role' as const,
    arn: 'arn:aws:sts::111111111111:assumed-role/Caller/s',
    account: '111111111111',
    roleArn: 'arn:aws:iam::111111111111:role/Caller',
  },
  action: 'lambda:InvokeFunction',
  resource: `arn:aws:lambda:eu-west-1:111111111111:function:${resource}`,
});

test('a refusal is explained by its words, wherever an error puts them', () => {
  const refusals = new Refusals();
  const authorize = refusals.watch(authorizeBy(allow('arn:aws:s3:::b')));
  const { message = '' } = authorize(request('chat'));
  expect(refusals.explain({ text: `[ACCESS_DENIED] ${message} (request id 1)` })?.missing).toMatchObject([
    { statement: { Resource: request('chat').resource } },
  ]);
  expect(refusals.explain({ text: 'User: somebody else' })).toBeUndefined();
});

test('what is allowed is not remembered, and passes as it is', () => {
  const refusals = new Refusals();
  expect(refusals.watch(authorizeBy(allow('*')))(request('chat'))).toMatchObject({ allowed: true });
  expect(refusals.explain({ text: '' })).toBeUndefined();
});

test('of equal refusals the newest is explained', () => {
  const refusals = new Refusals();
  const { message = '' } = refusals.watch(authorizeBy(allow('arn:aws:s3:::b')))(request('chat'));
  refusals.watch(authorizeBy(allow('arn:aws:s3:::c')))(request('chat'));
  expect(refusals.explain({ text: message })?.details).toContain("Resource is 'arn:aws:s3:::c'");
});

test('of two refusals in one text the newer is explained', () => {
  const refusals = new Refusals();
  const authorize = refusals.watch(authorizeBy(allow('arn:aws:s3:::b')));
  const [first, second] = ['first', 'second'].map((name) => authorize(request(name)).message ?? '');
  expect(refusals.explain({ text: `${second}; ${first}` })?.summary).toContain('function:second');
});

test('the last two hundred are kept', () => {
  const refusals = new Refusals();
  const authorize = refusals.watch(authorizeBy(allow('arn:aws:s3:::b')));
  const messages = Array.from({ length: 201 }, (_, i) => authorize(request(`f${i}x`)).message ?? '');
  expect(refusals.explain({ text: messages[0] ?? '' })).toBeUndefined();
  expect(refusals.explain({ text: messages[1] ?? '' })).toBeDefined();
  expect(refusals.explain({ text: messages[200] ?? '' })).toBeDefined();
});

describe('by its request id', () => {
  const ids = (count: number) => Array.from({ length: count }, (_, i) => `request-${i}`);

  test('a refusal is found that was said in the same words before, with all that the request lacks', () => {
    const refusals = new Refusals();
    const authorize = refusals.watch(authorizeBy(allow('arn:aws:s3:::b')));
    authorize({ ...request('chat'), requestId: 'one' });
    authorize({ ...request('chat'), action: 'lambda:InvokeFunctionUrl', requestId: 'one' });
    authorize({ ...request('chat'), requestId: 'two' });
    const actions = (requestId: string) =>
      refusals.explain({ text: 'Forbidden', requestId })?.missing.map(({ statement }) => statement.Action);
    expect(actions('one')).toEqual(['lambda:InvokeFunction', 'lambda:InvokeFunctionUrl']);
    expect(actions('two')).toEqual(['lambda:InvokeFunction']);
    expect(actions('three')).toBeUndefined();
    expect(refusals.explain({ text: '', requestId: 'one' })).toMatchObject({
      allowed: false,
      summary: expect.stringMatching(/may not lambda:InvokeFunction on .*; .* may not lambda:InvokeFunctionUrl on /),
      details: expect.stringMatching(/InvokeFunction",.*InvokeFunctionUrl",/s),
    });
  });

  test('the last two hundred requests are kept', () => {
    const refusals = new Refusals();
    const authorize = refusals.watch(authorizeBy(allow('arn:aws:s3:::b')));
    for (const requestId of ids(201)) authorize({ ...request('chat'), requestId });
    const known = ids(201).filter((requestId) => refusals.explain({ text: 'Forbidden', requestId }) !== undefined);
    expect(known).toEqual(ids(201).slice(1));
  });
});

test.each([
  ['a text', 'words', { text: 'words', requestId: 'words' }],
  ['an error', new Error('words'), { text: 'words', requestId: undefined }],
  [
    'an error of the AWS SDK',
    Object.assign(new Error('words'), { $metadata: { requestId: 'r' } }),
    { text: 'words', requestId: 'r' },
  ],
  ['one of this package', Object.assign(new Error('words'), { requestId: 'r' }), { text: 'words', requestId: 'r' }],
  [
    'a response of a function URL',
    new Response('', { headers: { 'x-local-refusal': 'words', 'x-amzn-requestid': 'r' } }),
    { text: 'words', requestId: 'r' },
  ],
  [
    'a response of an HTTP API',
    new Response('', { headers: { 'x-local-failure': 'words', 'apigw-requestid': 'r' } }),
    { text: 'words', requestId: 'r' },
  ],
  ['another response', new Response('', { status: 404 }), { text: 'HTTP 404', requestId: undefined }],
  ['nothing', undefined, { text: 'undefined' }],
  ['an object', { requestId: 1 }, { text: '{ requestId }', requestId: undefined }],
])('%s tells words and request id', (_, received, expected) => {
  expect(refusalIn(received)).toEqual(expected);
});

test('a refusal before IAM is text, too', () => {
  const refusals = new Refusals();
  refusals.addSignature({ message: 'Forbidden', reason: 'it is not signed' }, 'id-1');
  const explanation = refusals.explain({ text: 'HTTP 403', requestId: 'id-1' });
  expect(`${explanation}`).toBe('the request was not let in before any policy was asked: it is not signed');
  expect(explanation).toMatchObject({ allowed: false, policies: [], missing: [] });
});

import type { Authorize } from '../../../src/local/iam/authorize';
import { evaluate } from '../../../src/local/iam/evaluate';
import { Refusals } from '../../../src/local/iam/refusals';

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
  expect(refusals.explain(`[ACCESS_DENIED] ${message} (request id 1)`)?.missing).toMatchObject([
    { statement: { Resource: request('chat').resource } },
  ]);
  expect(refusals.explain('User: somebody else')).toBeUndefined();
});

test('what is allowed is not remembered, and passes as it is', () => {
  const refusals = new Refusals();
  expect(refusals.watch(authorizeBy(allow('*')))(request('chat'))).toMatchObject({ allowed: true });
  expect(refusals.explain('')).toBeUndefined();
});

test('of equal refusals the newest is explained', () => {
  const refusals = new Refusals();
  const { message = '' } = refusals.watch(authorizeBy(allow('arn:aws:s3:::b')))(request('chat'));
  refusals.watch(authorizeBy(allow('arn:aws:s3:::c')))(request('chat'));
  expect(refusals.explain(message)?.details).toContain("Resource is 'arn:aws:s3:::c'");
});

test('of two refusals in one text the newer is explained', () => {
  const refusals = new Refusals();
  const authorize = refusals.watch(authorizeBy(allow('arn:aws:s3:::b')));
  const [first, second] = ['first', 'second'].map((name) => authorize(request(name)).message ?? '');
  expect(refusals.explain(`${second}; ${first}`)?.summary).toContain('function:second');
});

test('the last two hundred are kept', () => {
  const refusals = new Refusals();
  const authorize = refusals.watch(authorizeBy(allow('arn:aws:s3:::b')));
  const messages = Array.from({ length: 201 }, (_, i) => authorize(request(`f${i}x`)).message ?? '');
  expect(refusals.explain(messages[0] ?? '')).toBeUndefined();
  expect(refusals.explain(messages[1] ?? '')).toBeDefined();
  expect(refusals.explain(messages[200] ?? '')).toBeDefined();
});

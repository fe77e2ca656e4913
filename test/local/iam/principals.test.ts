import { isSpared, type Principal, principalMatches } from '../../../src/local/iam/principals';

const ROLE = 'arn:aws:iam::111111111111:role/Caller';
const SESSION = 'arn:aws:sts::111111111111:assumed-role/Caller/s';
const caller: Principal = { kind: 'assumed-role', arn: SESSION, account: '111111111111', roleArn: ROLE };

test.each<[unknown, string[]]>([
  ['*', ['public']],
  [{ AWS: '*' }, ['public']],
  [{ AWS: [ROLE, '111111111111', SESSION] }, ['direct', 'account', 'session']],
  [{ AWS: 'arn:aws:iam::111111111111:root' }, ['account']],
])('%j names a session as %j', (element, matches) => {
  expect(principalMatches(element, caller)).toEqual(matches);
});

test.each<[unknown]>([
  [undefined],
  [ROLE],
  [{ AWS: ['222222222222', 'arn:aws:iam::222222222222:root', 'arn:aws:iam::111111111111:user/root'] }],
  [{ Service: [ROLE, '111111111111'] }],
  [{ Federated: ['*', ROLE, '111111111111'] }],
  [{ CanonicalUser: ['*', ROLE, '111111111111'] }],
])('%j does not name a session', (element) => {
  expect(principalMatches(element, caller)).toEqual([]);
});

describe('NotPrincipal', () => {
  const [account, root] = ['111111111111', 'arn:aws:iam::111111111111:root'];
  const bob = 'arn:aws:iam::111111111111:user/Bob';
  const user = (name: string): Principal => ({
    kind: 'user',
    arn: `arn:aws:iam::111111111111:user/${name}`,
    account,
    userId: `AIDA${name}`,
  });
  const administrator = (arn: string): Principal => ({ kind: 'administrator', arn, account });

  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
  test.each<[string, Principal, string[], boolean]>([
    ['Bob of its example', user('Bob'), [bob, root], true],
    ['nobody else of the account', user('Alice'), [bob, root], false],
    ['no user of an account alone', user('Bob'), [root], false],
    ['no user without its account', user('Bob'), [bob], false],
    ['a role with its account', caller, [ROLE, account], true],
    ['no session without its role', caller, [SESSION, account], false],
    ['no session of another role', caller, [`${ROLE}2`, account], false],
    ['the root by its account', administrator(root), [account], true],
    ['no root of another account', administrator(root), ['222222222222'], false],
    ['no administrator by the account alone', administrator(bob), [root], false],
  ])('spares %s', (_, principal, AWS, spared) => {
    expect(isSpared({ AWS }, principal)).toBe(spared);
  });

  test('spares a service by its name, and everybody by a star', () => {
    expect(isSpared({ Service: 's3.amazonaws.com' }, { kind: 'service', service: 's3.amazonaws.com' })).toBe(true);
    expect(isSpared({ AWS: '*' }, caller)).toBe(true);
  });
});

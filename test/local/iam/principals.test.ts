import { type Principal, principalMatches } from '../../../src/local/iam/principals';

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

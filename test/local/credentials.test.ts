import { CredentialStore } from '../../src/local/credentials';

const NOW = Date.UTC(2026, 10, 22, 12);

test('a session knows when its credentials were issued, an administrator has none', () => {
  const store = new CredentialStore({ now: () => NOW });
  const session = {
    kind: 'assumed-role',
    arn: 'arn:aws:sts::111111111111:assumed-role/Caller/s',
    account: '111111111111',
    roleArn: 'arn:aws:iam::111111111111:role/Caller',
  } as const;
  const administrator = {
    kind: 'administrator',
    arn: 'arn:aws:iam::111111111111:root',
    account: '111111111111',
  } as const;
  const { accessKeyId, expiration } = store.issue(session, 60);
  expect(expiration.getTime()).toBe(NOW + 60_000);
  expect(store.lookup(accessKeyId)?.principal).toEqual({ ...session, issuedAt: NOW });
  expect(store.lookup(store.issue(administrator).accessKeyId)?.principal).toEqual(administrator);
  expect(store.lookup('ASIAUNKNOWN')).toBeUndefined();
});

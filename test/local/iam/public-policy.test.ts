import { isPublicPolicy } from '../../../src/local/iam/public-policy';

/** Cases of https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html */
test.each<[string, object, boolean]>([
  ['everybody', { Principal: '*' }, true],
  ['everybody, in a list', { Principal: { AWS: ['111111111111', '*'] } }, true],
  ['everybody but one', { NotPrincipal: { AWS: '111111111111' } }, true],
  ['an account', { Principal: { AWS: '111111111111' } }, false],
  ['a service', { Principal: { Service: 'cloudfront.amazonaws.com' } }, false],
  ['a deny', { Effect: 'Deny', Principal: '*' }, false],
  ['a network', { Principal: '*', Condition: { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } } }, false],
  ['every network', { Principal: '*', Condition: { IpAddress: { 'aws:SourceIp': '0.0.0.0/0' } } }, true],
  ['not one network', { Principal: '*', Condition: { StringNotEquals: { 'aws:SourceVpc': 'vpc-1' } } }, true],
  ['an organization', { Principal: '*', Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } } }, false],
  ['any account', { Principal: '*', Condition: { StringLike: { 'aws:SourceAccount': '*' } } }, true],
  ['a prefix of keys', { Principal: '*', Condition: { StringEquals: { 's3:prefix': 'a/' } } }, true],
])('%s', (_, statement, expected) => {
  const Statement = [{ Effect: 'Allow', Action: 's3:GetObject', Resource: '*', ...statement }];
  expect(isPublicPolicy({ Version: '2012-10-17', Statement } as never)).toBe(expected);
});

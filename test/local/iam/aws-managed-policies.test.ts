import { managedPolicyDocument } from '../../../src/local/iam/aws-managed-policies';

test.each(['aws', 'aws-cn'])('a known policy of the partition %s allows its actions on everything', (partition) => {
  expect(managedPolicyDocument(`arn:${partition}:iam::aws:policy/service-role/AWSLambdaRole`)).toEqual({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: ['lambda:InvokeFunction'], Resource: '*' }],
  });
});

test.each([
  ['a policy of AWS that is not known here', 'arn:aws:iam::aws:policy/AmazonS3FullAccess'],
  ['a policy of an account', 'arn:aws:iam::111111111111:policy/service-role/AWSLambdaRole'],
  ['a name', 'AdministratorAccess'],
])('there is no document for %s', (_, arn) => {
  expect(managedPolicyDocument(arn)).toBeUndefined();
});

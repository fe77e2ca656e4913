/** The actions of Lambda, beside the operations of its SDK. */
import * as sdk from '@aws-sdk/client-lambda';
import { knownAction } from '../../../src/local/iam/lambda-actions';

/** What the API calls otherwise than IAM does. */
const OTHERS = ['Invoke', 'InvokeWithResponseStream', 'GetLayerVersionByArn'];

test('every operation of the API is known by its name, however it is written', () => {
  const operations = Object.keys(sdk).flatMap((name) => /^(\w+)Command$/.exec(name)?.[1] ?? []);
  expect(operations.length).toBeGreaterThan(60);
  for (const operation of operations.filter((name) => !OTHERS.includes(name))) {
    expect(knownAction(`LAMBDA:${operation.toLowerCase()}`)).toBe(`lambda:${operation}`);
  }
});

test.each([
  ['lambda:InvokeFunctionURL', 'lambda:InvokeFunctionUrl'],
  ['lambda:PassCapacityProvider', 'lambda:PassCapacityProvider'],
  ['lambda:EnableReplication', 'lambda:EnableReplication'],
  ['s3:GetObjekt', 's3:GetObjekt'],
])('%s is %s', (given, action) => {
  expect(knownAction(given)).toBe(action);
});

test.each([
  ['lambda:InvokeFunktion', "there is no IAM action 'lambda:InvokeFunktion'; did you mean 'lambda:InvokeFunction'?"],
  ['lambda:Fooo', "there is no IAM action 'lambda:Fooo'; see https://docs.aws.amazon.com/service-authorization/"],
  ['lambda:*', "there is no IAM action 'lambda:*'; see https:"],
  ['lambda:InvokeWithResponseStream', 'not of an IAM action; the operation is allowed by lambda:InvokeFunction'],
  ['lambda:GetLayerVersionByArn', 'the operation is allowed by lambda:GetLayerVersion'],
])('%s is refused', (given, message) => {
  expect(() => knownAction(given)).toThrow(message);
});

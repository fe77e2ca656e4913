export type { RoleCredentials } from './assume-role';
export type { StreamTargetName, StreamTestStack, StreamTestStackOptions, TestClientConfig } from './stream-test-stack';
export { deployStreamTestStack } from './stream-test-stack';

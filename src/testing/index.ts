export type { RoleCredentials } from './assume-role';
export type {
  StreamTestDeployment,
  StreamTestDeploymentOptions,
  TestClientConfig,
  TestPlace,
} from './stream-test-deployment';
export { deployStreamTestStack } from './stream-test-deployment';

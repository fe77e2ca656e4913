export type { BecomeOptions, LocalCredentials } from './credentials';
export type { LocalFunction } from './engine/deployed-functions';
export type { ClientChange, Deployment, DeployOptions, ResourceChange, StackResult } from './engine/deployment';
export type { LocalResource } from './find-resource';
export type { Organization } from './iam/authorize';
export type { PolicyKind } from './iam/decision';
export type { ExplainedPolicy, ExplainedStatement, Explanation, MissingPermission } from './iam/explain';
export type { FederatedIdentity } from './iam/federated-identity';
export type { FailedResource, LocalError, LocalErrorCode } from './local-error';
export {
  AssemblyError,
  DeployError,
  isAssemblyError,
  isDeployError,
  isLocalConfigError,
  isLocalError,
  isPrincipalError,
  LocalConfigError,
  PrincipalError,
} from './local-error';
export type {
  ClientConfigOptions,
  LocalClientConfig,
  LocalSigner,
  LocalTarget,
  SignOptions,
  StartLocalOptions,
} from './local-target';
export type { InjectFaultOptions } from './operations/injected-faults';
export type { Fault, FaultRequest } from './operations/invocation-options';
export type { LogRecord } from './runtime/log-listener';
export type { LocalLogRecord } from './services/cloudwatch-logs/log-store';
export type { ServiceHandler } from './services/service-handler';
export type { Services } from './services/service-route';
export { startLocal } from './start-local';
export type { ImageProgram, PolicyDocument, PolicyStatement } from './state';
export type { JsonWebKeySet, TokenOptions } from './tokens/token-issuer';
export type { PrincipalDecision, WhoMayQuestion } from './who-may';

export type { LocalCredentials } from './credentials';
export type { Deployment, DeployOptions, StackResult } from './engine/deploy-engine';
export type { ResourceChange } from './engine/deploy-stack';
export type { Organization } from './iam/authorize';
export type { ClientConfigOptions, LocalClientConfig, LocalTarget, StartLocalOptions } from './local-target';
export type { Fault, FaultRequest, LogRecord } from './operations/data-plane';
export type { BecomeOptions } from './principal-directory';
export { startLocal } from './start-local';
export type { PolicyDocument, PolicyStatement } from './state';

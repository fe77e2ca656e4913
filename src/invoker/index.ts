/** Typed invocation of streaming Lambda functions, over the AWS SDK's Lambda client. */

export * from '../stream';
export type { ClientContext } from '../wire/client-context';
export type { StreamTargetRecord } from '../wire/stream-target';
export type { InvokeFetchOptions } from './invoke-fetch';
export { invokeFetch } from './invoke-fetch';
export type {
  InvokeCallOptions,
  InvokeClient,
  InvokerSettings,
  InvokeTarget,
  InvokeTimeouts,
  StreamInvokerOptions,
} from './invoke-options';
export { InvokedStream } from './invoked-stream';
export type { DryRunResult } from './request/dry-run';
export type { StreamInvoker } from './stream-invoker';
export { streamInvoker } from './stream-invoker';
export type { StackOutputs, TargetSelection } from './target/stream-target';
export { StreamTarget } from './target/stream-target';

/** One authenticated HTTP request to the Lambda API, with what every operation needs to answer it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { accessDenied, invalidRequestContent, requestTooLarge, ServiceException, validationFailed } from '../errors';
import type { EnvironmentPool } from '../runtime/environment-pool';
import type { LocalState } from '../state';
import type { AuthorizationRequest, Authorize, DataPlaneOptions, Fault } from './data-plane';
import { decideFault } from './fault';
import { type FunctionTarget, functionTarget } from './function-target';

export interface LambdaCall {
  readonly requestId: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: Buffer;
  readonly query: URLSearchParams;
  /** As on the path, decoded. */
  readonly functionName: string;
  readonly caller: { readonly principalArn: string; readonly account: string; readonly region: string };
  readonly state: LocalState;
  readonly authorize: Authorize;
  readonly pool: EnvironmentPool;
  readonly options: DataPlaneOptions;
  /** Counts invocations for {@link DataPlaneOptions.fault}. */
  readonly countInvocation: () => number;
}

/** The function the call names, after IAM agreed. */
export function authorizedTarget(call: LambdaCall, action: AuthorizationRequest['action']): FunctionTarget {
  const target = functionTarget(call.functionName, call.query.get('Qualifier') ?? undefined, call.caller);
  const { principalArn, account } = call.caller;
  const decision = call.authorize({ action, principalArn, account, resourceArn: target.resourceArn, context: {} });
  if (!decision.allowed) throw new ServiceException(accessDenied(decision.message));
  return target;
}

/** The event as the function will parse it; an empty body stands for an empty object. */
export function eventPayload(call: LambdaCall, maxBytes: number): Buffer {
  const { body } = call;
  if (body.length > maxBytes) throw new ServiceException(requestTooLarge(maxBytes));
  if (body.length === 0) return Buffer.from('{}');
  try {
    JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new ServiceException(invalidRequestContent((cause as Error).message));
  }
  return body;
}

export type InvocationType = 'RequestResponse' | 'Event' | 'DryRun';
const INVOCATION_TYPES: readonly string[] = ['Event', 'RequestResponse', 'DryRun'];

export function invocationType(call: LambdaCall): InvocationType {
  return enumHeader(
    call,
    'x-amz-invocation-type',
    'invocationType',
    INVOCATION_TYPES,
    'RequestResponse',
  ) as InvocationType;
}

/** Whether the caller wants the log tail. */
export function wantsTail(call: LambdaCall): boolean {
  return enumHeader(call, 'x-amz-log-type', 'logType', ['None', 'Tail'], 'None') === 'Tail';
}

function enumHeader(call: LambdaCall, name: string, member: string, values: readonly string[], none: string): string {
  const value = header(call, name) ?? none;
  if (values.includes(value)) return value;
  const constraint = `Member must satisfy enum value set: [${values.join(', ')}]`;
  throw new ServiceException(validationFailed(member, value, constraint));
}

export function header(call: LambdaCall, name: string): string | undefined {
  const value = call.request.headers[name];
  return Array.isArray(value) ? value.join(',') : value;
}

/** Applies what an invocation suffers before its response begins; returns what it suffers later. */
export async function faultBeforeResponse(
  call: LambdaCall,
  operation: 'Invoke' | 'InvokeWithResponseStream',
  target: FunctionTarget,
): Promise<Fault> {
  const { functionName, qualifier } = target;
  const invocation = call.countInvocation();
  const fault = decideFault(call.options, { operation, functionName, qualifier, invocation });
  const { delayMs } = fault;
  if (delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, delayMs));
  return fault;
}

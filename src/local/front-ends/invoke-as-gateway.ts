/** Invokes a function in the name of API Gateway, which is a caller as any other: IAM decides. */
import { randomUUID } from 'node:crypto';
import { REQUEST_PAYLOAD_MAX_BYTES } from '../../wire/limits';
import { serviceErrorOf } from '../errors';
import { decideAssumeRole, sessionOf } from '../iam/assume-role';
import { refusalReason } from '../iam/explain';
import type { Principal } from '../iam/principals';
import { decideFault } from '../operations/fault';
import { resolveVersion } from '../operations/function-reference';
import type { Fault, FaultRequest } from '../operations/invocation-options';
import type { LambdaApi } from '../operations/lambda-call';
import { CROSS_ACCOUNT_PASS_ROLE } from '../resources/execution-role';
import type { InvocationResponse, RunningInvocation } from '../runtime/active-invocation';
import { runtimeProblem } from '../runtime/runtime-program';

export interface GatewayInvocation {
  /** For the option `fault`. */
  readonly operation: FaultRequest['operation'];
  /** Qualified where the API names an alias or a version. */
  readonly functionArn: string;
  /** `aws:SourceArn`: the API, stage, method and path, or the authorizer. */
  readonly sourceArn: string;
  /** Of the API. */
  readonly account: string;
  /** ARN of a role to call with instead of the service's own name. */
  readonly credentials: string | undefined;
  readonly requestId: string;
  readonly traceId: string;
  readonly payload: Buffer;
  readonly tenantId?: string | undefined;
  /** What the function is asked, where it does not answer the request itself: that is an invocation of its own. */
  readonly question?: string;
}

export type GatewayOutcome =
  /** Lambda did not start the function, for this reason. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** It did, and answered. */
  | {
      readonly kind: 'invoked';
      readonly begun: InvocationResponse;
      readonly running: RunningInvocation;
      readonly fault: Fault;
      /** Adds a line to the log of the function. */
      readonly log: (message: string) => void;
      /** Tells the journal what the function answered. */
      readonly tell: (body: Uint8Array | 'too-large') => void;
    };

export async function invokeAsGateway(lambda: LambdaApi, invocation: GatewayInvocation): Promise<GatewayOutcome> {
  const { operation, functionArn: resourceArn, question, traceId, payload, tenantId } = invocation;
  const requestId = question === undefined ? invocation.requestId : randomUUID();
  const parts = resourceArn.split(':');
  const functionArn = parts.slice(0, 7).join(':');
  const functionName = parts[6] ?? '';
  const qualifier = parts[7];
  const refusal = refusalBy(lambda, invocation);
  if (refusal !== undefined) return { kind: 'refused', reason: refusal };
  if (payload.length > REQUEST_PAYLOAD_MAX_BYTES) {
    return {
      kind: 'refused',
      reason: `the event has ${payload.length} bytes, Lambda takes ${REQUEST_PAYLOAD_MAX_BYTES}`,
    };
  }
  const fault = decideFault(lambda.options, {
    operation,
    functionName,
    qualifier,
    invocation: lambda.countInvocation(),
  });
  lambda.journal?.faulted(requestId, fault);
  const { delayMs } = fault;
  if (delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, delayMs));
  const reference = { functionName, qualifier, functionArn, resourceArn };
  try {
    const configuration = resolveVersion(lambda.state, reference, lambda.options.random ?? Math.random);
    const problem = fault.throttle === true ? "the fault 'throttle'" : runtimeProblem(configuration);
    if (problem !== undefined) return { kind: 'refused', reason: problem };
    const request = { requestId, payload, invokedFunctionArn: resourceArn, traceId };
    if (question !== undefined) lambda.journal?.invoking(requestId, resourceArn, { by: 'API Gateway', what: question });
    const running = await lambda.pool.invoke(
      functionArn,
      configuration,
      { ...request, ...(tenantId !== undefined && { tenantId }) },
      lambda.state.functions.get(functionArn)?.reservedConcurrency,
    );
    if (typeof running === 'string') {
      if (question !== undefined) lambda.journal?.notInvoked(requestId, running);
      return { kind: 'refused', reason: running };
    }
    const log = (message: string) => lambda.pool.log(functionArn, configuration, requestId, message);
    const tell = (body: Uint8Array | 'too-large') => {
      if (body !== 'too-large') lambda.journal?.piece(requestId, body);
    };
    return { kind: 'invoked', begun: await running.response, running, fault, log, tell };
  } catch (error) {
    const known = serviceErrorOf(error);
    if (known === undefined) throw error;
    return { kind: 'refused', reason: known.message };
  }
}

/** Why IAM does not let API Gateway invoke the function; undefined when it does. */
function refusalBy(
  lambda: LambdaApi,
  { account, credentials, functionArn, requestId, sourceArn }: GatewayInvocation,
): string | undefined {
  const service = { kind: 'service', service: 'apigateway.amazonaws.com' } as const;
  const context = { 'aws:SourceArn': sourceArn, 'aws:SourceAccount': account };
  let principal: Principal = service;
  if (credentials !== undefined) {
    const role = lambda.state.roles.get(credentials);
    if (role === undefined) return `the integration calls with ${credentials}, a role that no stack here defines`;
    if (role.account !== account) return `${CROSS_ACCOUNT_PASS_ROLE} (${credentials})`;
    const sessionName = 'BackplaneAssumeRoleSession';
    const decision = decideAssumeRole(lambda.state, { role, by: service, sessionName });
    if (!decision.allowed) return decision.message ?? decision.reason;
    principal = sessionOf(role, sessionName);
  }
  const question = { principal, action: 'lambda:InvokeFunction', resource: functionArn };
  const decision = lambda.authorize({ ...question, requestId, ...(principal === service && { context }) });
  return decision.allowed ? undefined : refusalReason(decision);
}

/** One authenticated HTTP request to the Lambda API, with what every operation needs to answer it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  accessDenied,
  type CallRefused,
  invalidParameterValue,
  invalidRequestContent,
  requestTooLarge,
  ServiceException,
  validationFailed,
} from '../errors';
import type { Authenticate } from '../http/sigv4';
import type { AuthorizationRequest, Authorize, RequestContext } from '../iam/authorize';
import { principalAccount } from '../iam/principals';
import type { Journal } from '../journal/journal';
import type { EnvironmentPool } from '../runtime/environment-pool';
import type { LocalState } from '../state';
import type { TokenIssuer } from '../tokens/token-issuer';
import type { AsyncQueue } from './async-queue';
import { decideFault } from './fault';
import { type FunctionReference, functionReference } from './function-reference';
import type { Fault, InvocationOptions } from './invocation-options';

/** Who calls: the part of an authorization that comes from the credentials, and the region they were used for. */
interface Caller extends Pick<AuthorizationRequest, 'context' | 'principal' | 'sessionPolicy'> {
  readonly region: string;
}

/** Where the code of a function comes from that is changed outside of CloudFormation. */
export type SubmittedCode =
  | { readonly zip: Buffer }
  | {
      readonly bucket: string;
      readonly key: string;
    };

/** What it takes to change functions. */
export interface FunctionManagement {
  /** The folder with the code. Throws where there is none. */
  locateCode(code: SubmittedCode): string;
  /** A text with the addresses of AWS in it replaced by those that answer here. */
  localAddress(text: string): string;
  /** To be called after a change. */
  changed(kind: 'function-code' | 'function-configuration', functionArn: string): void;
}

/** What every call needs to be answered, whichever way it comes in. */
export interface LambdaApi {
  /** Read anew for every call, so that a deployment is visible to the next one. */
  readonly state: LocalState;
  readonly authenticate: Authenticate;
  readonly authorize: Authorize;
  readonly pool: EnvironmentPool;
  readonly options: InvocationOptions;
  /** Checks the tokens of authorizers. */
  readonly tokens: TokenIssuer;
  /** Takes asynchronous invocations. */
  readonly queue: AsyncQueue;
  /** Writes down what happens, where somebody looks on. */
  readonly journal?: Journal | undefined;
  /** Told of operations that are not played. @default - nobody is */
  readonly onRefusal?: CallRefused;
  /** @default - functions cannot be changed */
  readonly management?: FunctionManagement | undefined;
  /** Counts invocations for {@link InvocationOptions.fault}. */
  readonly countInvocation: () => number;
}

/** `parts` with a counter of their own. */
export function countingInvocations(parts: Omit<LambdaApi, 'countInvocation'>): LambdaApi {
  let invocations = 0;
  const countInvocation = () => {
    invocations += 1;
    return invocations;
  };
  return { ...parts, countInvocation };
}

export interface LambdaCall extends LambdaApi {
  readonly requestId: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: Buffer;
  readonly query: URLSearchParams;
  /** As on the path, decoded. */
  readonly functionName: string;
  /** What the path names within the function, such as an alias. */
  readonly member?: string | undefined;
  readonly caller: Caller;
}

/** The function, version or alias that the call names, after IAM agreed: for operations that take a qualifier. */
export function authorizedFunction(call: LambdaCall, action: string): FunctionReference {
  const named = namedFunction(call);
  demandOf(call, action, named.resourceArn);
  return named;
}

/**
 * The function that the call names, after IAM agreed: for operations on a whole function, which AWS decides by its ARN
 * (https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html).
 * @throws a ServiceException where the call names a version or an alias: no policy on the function would stop it
 */
export function authorizedWholeFunction(call: LambdaCall, action: string): FunctionReference {
  const named = namedFunction(call);
  demandOf(call, action, named.functionArn);
  if (named.qualifier === undefined) return named;
  throw new ServiceException(
    invalidParameterValue(
      `${action.replace('lambda:', '')} takes the name of a function without a version or alias, got '${named.functionName}:${named.qualifier}'`,
    ),
  );
}

function namedFunction(call: LambdaCall): FunctionReference {
  const { principal, region } = call.caller;
  const account = principalAccount(principal) ?? '';
  return functionReference(call.functionName, call.query.get('Qualifier') ?? undefined, { account, region });
}

/** @throws a ServiceException when IAM does not let the caller */
export function demandOf(
  { authorize, caller: { context: given, principal, sessionPolicy }, requestId }: LambdaCall,
  action: string,
  resource: string,
  context: RequestContext = {},
): void {
  const question = { principal, action, resource, requestId, context: { ...given, ...context } };
  const decision = authorize({ ...question, ...(sessionPolicy && { sessionPolicy }) });
  const { allowed, reason, message = reason } = decision;
  if (!allowed) throw new ServiceException(accessDenied(message));
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

/** What is to be told of the payload that goes to the caller of `requestId`. */
export function pieceListener(
  { journal }: Pick<LambdaApi, 'journal'>,
  requestId: string,
): ((piece: Uint8Array) => void) | undefined {
  return journal && ((piece) => journal.piece(requestId, piece));
}

/** Applies what an invocation suffers before its response begins; returns what it suffers later. */
export async function faultBeforeResponse(
  call: LambdaCall,
  operation: 'Invoke' | 'InvokeWithResponseStream',
  named: FunctionReference,
): Promise<Fault> {
  const { functionName, qualifier } = named;
  const invocation = call.countInvocation();
  const fault = decideFault(call.options, { operation, functionName, qualifier, invocation });
  call.journal?.faulted(call.requestId, fault);
  const { delayMs } = fault;
  if (delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, delayMs));
  return fault;
}

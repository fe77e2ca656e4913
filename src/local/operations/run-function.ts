/** Starts the invocation a call asks for, or throws the error AWS answers instead. */
import { decodeClientContext } from '../../wire/client-context';
import { CLIENT_CONTEXT_MAX_BASE64_BYTES } from '../../wire/limits';
import { isWireError } from '../../wire/wire-error';
import { invalidRequestContent, ServiceException, tooManyRequests, validationFailed } from '../errors';
import type { InvocationRequest, RunningInvocation } from '../runtime/active-invocation';
import { runtimeProblem } from '../runtime/runtime-program';
import { newTraceId } from '../runtime/trace-id';
import type { FunctionConfiguration } from '../state';
import type { FunctionReference } from './function-reference';
import type { Fault } from './invocation-options';
import { header, type LambdaCall } from './lambda-call';

export async function runFunction(
  call: LambdaCall,
  named: FunctionReference,
  configuration: FunctionConfiguration,
  payload: Buffer,
  fault: Fault,
): Promise<RunningInvocation> {
  const request = invocationRequest(call, named, configuration, payload, fault);
  const reserved = call.state.functions.get(named.functionArn)?.reservedConcurrency;
  const running = await call.pool.invoke(named.functionArn, configuration, request, reserved);
  if (typeof running === 'string') throw new ServiceException(tooManyRequests(running));
  return running;
}

/** What the runtime gets, after everything that keeps it from getting it. */
export function invocationRequest(
  call: LambdaCall,
  named: FunctionReference,
  configuration: FunctionConfiguration,
  payload: Buffer,
  fault: Fault,
): InvocationRequest {
  checkRuntime(configuration);
  const clientContext = readClientContext(call);
  const tenantId = header(call, 'x-amz-tenant-id');
  const traceId = header(call, 'x-amzn-trace-id') ?? newTraceId();
  if (fault.throttle === true) throw new ServiceException(tooManyRequests());
  // Whichever operation writes the head of the response, the header is in it.
  call.response.setHeader('X-Amzn-Trace-Id', traceId);
  return {
    requestId: call.requestId,
    payload,
    invokedFunctionArn: named.resourceArn,
    traceId,
    ...(clientContext !== undefined && { clientContext }),
    ...(tenantId !== undefined && { tenantId }),
  };
}

function checkRuntime(configuration: FunctionConfiguration): void {
  const message = runtimeProblem(configuration);
  if (message === undefined) return;
  throw new ServiceException({
    type: 'InvalidRuntimeException',
    statusCode: 502,
    message,
    members: { Type: 'User' },
  });
}

/** JSON text for the runtime. */
function readClientContext(call: LambdaCall): string | undefined {
  const encoded = header(call, 'x-amz-client-context');
  if (encoded === undefined || encoded === '') return undefined;
  if (encoded.length > CLIENT_CONTEXT_MAX_BASE64_BYTES) {
    const constraint = `Member must have length less than or equal to ${CLIENT_CONTEXT_MAX_BASE64_BYTES}`;
    throw new ServiceException(validationFailed('clientContext', encoded, constraint));
  }
  try {
    return asciiJson(decodeClientContext(encoded));
  } catch (error) {
    if (!isWireError(error)) throw error;
    throw new ServiceException(invalidRequestContent(error.message));
  }
}

/** It travels in a header of the Runtime API, where only ASCII is safe. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

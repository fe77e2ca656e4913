/** `POST /2015-03-31/functions/{FunctionName}/invocations` (https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html). */
import {
  ASYNC_REQUEST_PAYLOAD_MAX_BYTES,
  BUFFERED_RESPONSE_MAX_BYTES,
  REQUEST_PAYLOAD_MAX_BYTES,
} from '../../wire/limits';
import type { RunningInvocation } from '../runtime/active-invocation';
import { type FunctionFailure, responseTooLarge } from '../runtime/function-failure';
import { collectBody } from './buffered-body';
import { resolveVersion } from './function-reference';
import {
  authorizedFunction,
  eventPayload,
  faultBeforeResponse,
  invocationType,
  type LambdaCall,
  wantsTail,
} from './lambda-call';
import { runFunction } from './run-function';

interface BufferedResult {
  readonly payload: Buffer;
  readonly contentType: string;
  readonly failed: boolean;
}

export async function invoke(call: LambdaCall): Promise<void> {
  const { options, requestId, response } = call;
  const named = authorizedFunction(call, 'lambda:InvokeFunction');
  const configuration = resolveVersion(call.state, named, options.random ?? Math.random);
  const type = invocationType(call);
  const payload = eventPayload(call, type === 'Event' ? ASYNC_REQUEST_PAYLOAD_MAX_BYTES : REQUEST_PAYLOAD_MAX_BYTES);
  const tail = wantsTail(call);
  if (type === 'DryRun') {
    response.writeHead(204, { 'x-amzn-RequestId': requestId }).end();
    return;
  }
  const fault = await faultBeforeResponse(call, 'Invoke', named);
  const running = await runFunction(call, named, configuration, payload, fault);
  if (type === 'Event') {
    // Accepted is all the caller learns; the function runs on, once, without AWS's two retries.
    response.writeHead(202, { 'x-amzn-RequestId': requestId }).end();
    await collect(running);
    return;
  }
  const result = await collect(running);
  const logTail = tail ? (await running.completed).logTail.toString('base64') : undefined;
  if (fault.disconnectAfterBytes !== undefined) {
    response.socket?.resetAndDestroy();
    return;
  }
  response.writeHead(200, {
    'Content-Type': result.contentType,
    'Content-Length': result.payload.length,
    'x-amzn-RequestId': requestId,
    'X-Amz-Executed-Version': configuration.version,
    ...(result.failed ? { 'X-Amz-Function-Error': 'Unhandled' } : {}),
    ...(logTail === undefined ? {} : { 'X-Amz-Log-Result': logTail }),
  });
  call.journal?.piece(requestId, result.payload);
  response.end(result.payload);
}

async function collect(running: RunningInvocation): Promise<BufferedResult> {
  const begun = await running.response;
  if (begun.kind === 'failure') return failed(begun.failure);
  const { body, contentType, failure } = begun.response;
  const payload = await collectBody(body);
  if (payload === 'too-large') return failed(responseTooLarge(BUFFERED_RESPONSE_MAX_BYTES));
  const problem = body.complete ? failure() : (await running.completed).failure;
  return problem === undefined ? { payload, contentType, failed: false } : failed(problem);
}

function failed(failure: FunctionFailure): BufferedResult {
  return { payload: Buffer.from(failure.body), contentType: 'application/json', failed: true };
}

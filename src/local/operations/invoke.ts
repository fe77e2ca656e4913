/** `POST /2015-03-31/functions/{FunctionName}/invocations` (https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html). */
import { ASYNC_REQUEST_PAYLOAD_MAX_BYTES, REQUEST_PAYLOAD_MAX_BYTES } from '../../wire/limits';
import { bufferedResult } from './buffered-result';
import { resolveVersion } from './function-reference';
import {
  authorizedFunction,
  eventPayload,
  faultBeforeResponse,
  invocationType,
  type LambdaCall,
  wantsTail,
} from './lambda-call';
import { invocationRequest, runFunction } from './run-function';

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
  if (type === 'Event') {
    // Accepted is all the caller learns.
    call.queue.accept(named, invocationRequest(call, named, configuration, payload, fault));
    response.writeHead(202, { 'x-amzn-RequestId': requestId }).end();
    return;
  }
  const running = await runFunction(call, named, configuration, payload, fault);
  const result = await bufferedResult(running);
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

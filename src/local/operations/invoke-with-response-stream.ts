/**
 * `POST /2021-11-15/functions/{FunctionName}/response-streaming-invocations`
 * (https://docs.aws.amazon.com/lambda/latest/api/API_InvokeWithResponseStream.html).
 */
import {
  DEFAULT_CONTENT_TYPE,
  EVENT_STREAM_CONTENT_TYPE,
  LOCAL_TARGET_HEADER,
  REMAPPED_CONTENT_TYPE_HEADER,
} from '../../wire/content-types';
import {
  encodeErrorFrame,
  encodeInvokeComplete,
  encodePayloadChunk,
  type InvokeComplete,
} from '../../wire/frame-encoder';
import { BUFFERED_RESPONSE_MAX_BYTES, REQUEST_PAYLOAD_MAX_BYTES } from '../../wire/limits';
import type { InvocationResponse, RunningInvocation } from '../runtime/active-invocation';
import { type FunctionFailure, responseTooLarge } from '../runtime/function-failure';
import type { RuntimeResponse } from '../runtime/runtime-api';
import { collectBody } from './buffered-body';
import { resolveVersion } from './function-reference';
import type { Fault } from './invocation-options';
import {
  authorizedFunction,
  eventPayload,
  faultBeforeResponse,
  invocationType,
  type LambdaCall,
  pieceListener,
  wantsTail,
} from './lambda-call';
import { pumpPayload } from './payload-pump';
import { runFunction } from './run-function';

export async function invokeWithResponseStream(call: LambdaCall): Promise<void> {
  const { options } = call;
  const named = authorizedFunction(call, 'lambda:InvokeFunction');
  const configuration = resolveVersion(call.state, named, options.random ?? Math.random);
  const payload = eventPayload(call, REQUEST_PAYLOAD_MAX_BYTES);
  const tail = wantsTail(call);
  // Observed on AWS: the other invocation types run the function and stream, whatever the documentation says.
  if (invocationType(call) === 'DryRun' && options.streamingDryRun === 'documented') {
    call.response.writeHead(204, { 'x-amzn-RequestId': call.requestId }).end();
    return;
  }
  const fault = await faultBeforeResponse(call, 'InvokeWithResponseStream', named);
  const running = await runFunction(call, named, configuration, payload, fault);
  const begun = await running.response;
  writeHead(call, configuration.version, begun);
  const failure = begun.kind === 'failure' ? begun.failure : await sendBody(call, begun.response, running, fault);
  if (failure === 'given-up') return;
  call.response.end(encodeInvokeComplete(await complete(call, running, failure, tail)));
}

function writeHead(call: LambdaCall, version: string, begun: InvocationResponse): void {
  call.response.writeHead(200, {
    'Content-Type': EVENT_STREAM_CONTENT_TYPE,
    'x-amzn-RequestId': call.requestId,
    'X-Amz-Executed-Version': version,
    [LOCAL_TARGET_HEADER]: 'InvokeComplete',
    [REMAPPED_CONTENT_TYPE_HEADER]: begun.kind === 'body' ? begun.response.contentType : DEFAULT_CONTENT_TYPE,
  });
  call.response.flushHeaders();
}

/** Resolves with the failure the end of the body revealed, if any. */
async function sendBody(
  call: LambdaCall,
  functionResponse: RuntimeResponse,
  running: RunningInvocation,
  fault: Fault,
): Promise<FunctionFailure | 'given-up' | undefined> {
  const { body } = functionResponse;
  if (functionResponse.streaming) {
    const end = await pumpPayload(body, call.response, {
      fault,
      invocations: call.options,
      encode: encodePayloadChunk,
      onPiece: pieceListener(call, call.requestId),
      // The API models no exception of this stream, so the service could only send an error; boto3 reads nothing else.
      raise: () => call.response.end(encodeErrorFrame('ServiceException', 'Injected fault')),
    });
    if (end === 'given-up') return 'given-up';
  } else {
    const payload = await collectBody(body);
    if (payload === 'too-large') return responseTooLarge(BUFFERED_RESPONSE_MAX_BYTES);
    call.journal?.piece(call.requestId, payload);
    call.response.write(encodePayloadChunk(payload));
  }
  return body.complete ? functionResponse.failure() : (await running.completed).failure;
}

async function complete(
  call: LambdaCall,
  running: RunningInvocation,
  failure: FunctionFailure | undefined,
  tail: boolean,
): Promise<InvokeComplete> {
  const error = call.options.errorReporting === 'trailers' && failure !== undefined ? errorMembers(failure) : {};
  const refused = refusedCalls(running.refusedCalls);
  // The log is complete only when the runtime asks for the next event, which is why AWS ends such streams later.
  const log = tail || failure !== undefined ? (await running.completed).logTail : undefined;
  if (tail) return { ...error, LogResult: log?.toString('base64'), LocalNotes: refused };
  const notes = [
    ...(refused === undefined ? [] : [refused]),
    ...(log === undefined ? [] : [`The function's log:\n${log}`]),
  ];
  return { ...error, LocalNotes: notes.length === 0 ? undefined : notes.join('\n') };
}

const REFUSED_CALLS_TOLD = 5;

/** How many calls of the function were refused, and which. */
function refusedCalls(calls: readonly string[]): string | undefined {
  if (calls.length === 0) return undefined;
  const different = [...new Set(calls)];
  const told = different.slice(0, REFUSED_CALLS_TOLD).join(', ');
  const more = different.length > REFUSED_CALLS_TOLD ? ', …' : '';
  const times = calls.length === 1 ? 'a call' : `${calls.length} calls`;
  return `The local target refused ${times} of the function to other AWS services: ${told}${more}`;
}

function errorMembers(failure: FunctionFailure): InvokeComplete {
  const ErrorCode = failure.origin === 'handler' ? 'Unhandled' : failure.errorType;
  return { ErrorCode, ErrorDetails: failure.body };
}

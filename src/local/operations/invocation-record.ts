/**
 * What Lambda tells of an asynchronous invocation: the record for a destination, and the event itself for a dead-letter queue
 * (https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html).
 */
import type { InvocationRequest } from '../runtime/active-invocation';
import type { FunctionConfiguration } from '../state';
import type { BufferedResult } from './buffered-result';
import type { FunctionReference } from './function-reference';

export type Condition = 'EventAgeExceeded' | 'RetriesExhausted' | 'Success';

/** Something for a destination. */
export interface Delivery {
  /** ARN of a function, queue, topic, event bus or bucket. */
  readonly destination: string;
  /** In whose name it is sent. */
  readonly sender: { readonly functionArn: string; readonly roleArn: string };
  /** Qualified. */
  readonly functionArn: string;
  readonly isSuccess: boolean;
  readonly body: string;
  /** Of a message to a dead-letter queue. */
  readonly attributes?: Readonly<Record<string, { readonly type: 'Number' | 'String'; readonly value: string }>>;
}

export interface FinishedInvocation {
  readonly named: FunctionReference;
  readonly request: InvocationRequest;
  readonly condition: Condition;
  readonly configuration: FunctionConfiguration;
  readonly result: BufferedResult | undefined;
  readonly runs: number;
}

export function invocationRecord(finished: FinishedInvocation, destination: string): Delivery {
  const { condition, configuration, request, result, runs } = finished;
  const failed = result?.failed === true;
  const record = {
    version: '1.0',
    timestamp: new Date().toISOString(),
    requestContext: {
      requestId: request.requestId,
      functionArn: qualified(finished),
      condition,
      approximateInvokeCount: runs,
    },
    requestPayload: json(request.payload),
    ...(result !== undefined && {
      responseContext: {
        statusCode: 200,
        executedVersion: configuration.version,
        ...(failed && { functionError: 'Unhandled' }),
      },
      responsePayload: json(result.payload),
    }),
  };
  return { ...base(finished, destination), body: JSON.stringify(record) };
}

const ERROR_MESSAGE_MAX_BYTES = 1_024;

/** The event as it came; what went wrong is in the attributes. */
export function deadLetter(finished: FinishedInvocation, destination: string): Delivery {
  const { condition, request, result } = finished;
  const said =
    result === undefined ? condition : String((json(result.payload) as { errorMessage?: unknown }).errorMessage);
  const message = Buffer.from(said).subarray(0, ERROR_MESSAGE_MAX_BYTES).toString('utf8');
  return {
    ...base(finished, destination),
    body: Buffer.from(request.payload).toString('utf8'),
    attributes: {
      RequestID: { type: 'String', value: request.requestId },
      ErrorCode: { type: 'Number', value: result === undefined ? '429' : '200' },
      ErrorMessage: { type: 'String', value: message },
    },
  };
}

function base(finished: FinishedInvocation, destination: string): Omit<Delivery, 'body'> {
  const { condition, configuration, named } = finished;
  return {
    destination,
    sender: { functionArn: named.functionArn, roleArn: configuration.roleArn },
    functionArn: qualified(finished),
    isSuccess: condition === 'Success',
  };
}

function qualified({ named }: FinishedInvocation): string {
  return named.qualifier === undefined ? `${named.functionArn}:$LATEST` : named.resourceArn;
}

/** What a function answers may be no JSON. */
function json(bytes: Uint8Array): unknown {
  const text = Buffer.from(bytes).toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

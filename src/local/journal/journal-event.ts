/** What the journal tells of a call, in the order it happens. Plain data: it travels to the console as JSON. */
import type { Explanation } from '../iam/explain';

/** The way in: an operation of the Lambda API, or a front end; CloudFront where it answers itself. */
export type CallOperation =
  | 'Invoke'
  | 'InvokeWithResponseStream'
  | 'FunctionUrl'
  | 'RestApi'
  | 'HttpApi'
  | 'CloudFront';

/** Bytes: as text where that gives them back, else in base64; neither where there were too many to be kept. */
export interface Payload {
  readonly bytes: number;
  readonly text?: string;
  readonly base64?: string;
}

export type JournalEvent = CallEvent | LogEvent;

/** A line that a function or the platform logged. */
interface LogEvent {
  readonly type: 'log';
  /** The call it belongs to; undefined for one of the initialization. */
  readonly call: string | undefined;
  readonly at: number;
  readonly functionArn: string;
  readonly message: string;
}

export type CallEvent = CallFact & {
  /** Request id. */
  readonly call: string;
  /** Milliseconds since 1970, with fractions. */
  readonly at: number;
};

type CallFact =
  /** The request arrived. */
  | {
      readonly type: 'accepted';
      readonly operation: CallOperation;
      /** Method and path, or what a service called for. */
      readonly what: string;
      /** The service that called, where no request of a client came: `CloudFormation`. */
      readonly by: string | undefined;
      /** CloudFront, where it asked on behalf of a viewer. */
      readonly through: string | undefined;
      /** What the console called it by, where it made the request. */
      readonly tag: string | undefined;
    }
  /** It is known which function is asked for: its ARN, qualified or not, or as the caller names it. */
  | { readonly type: 'reached'; readonly function: string }
  /** IAM decided; some calls need more than one permission. */
  | {
      readonly type: 'decided';
      readonly principal: string;
      readonly action: string;
      readonly resource: string;
      readonly explanation: Explanation;
    }
  /** A disturbance that was asked for. */
  | { readonly type: 'faulted'; readonly fault: object }
  /** An execution environment was asked for. */
  | {
      readonly type: 'started';
      readonly functionArn: string;
      readonly invokedArn: string;
      readonly version: string;
      readonly event: Payload;
    }
  /** The event went to the handler; with the time to load it where the environment is a new one. */
  | { readonly type: 'delivered'; readonly initMs: number | undefined }
  /** The function began to answer. */
  | { readonly type: 'answered'; readonly contentType: string; readonly isStreamed: boolean }
  /** Payload that was sent to the caller. */
  | ({ readonly type: 'piece' } & Payload)
  /** The function is done; its environment is free again. */
  | { readonly type: 'completed'; readonly errorType: string | undefined; readonly errorMessage: string | undefined }
  /** The response is over: in good order, or because the connection broke. */
  | {
      readonly type: 'ended';
      readonly status: number;
      readonly isBroken: boolean;
      /** Why it was refused, in the words of the answer or of its header. */
      readonly refusal: string | undefined;
    };

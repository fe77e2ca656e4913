/** How invocations behave here: what AWS leaves open, and the disturbances a test asks for. */
import type { PlatformTime } from '../clock';

/** A disturbance for one invocation, as networks and services produce them. */
export interface Fault {
  /** Answer with 429 and never start the function. */
  readonly throttle?: boolean;
  /** Milliseconds to wait before the response headers. */
  readonly delayMs?: number;
  /** Destroy the connection after so many payload bytes; 0 destroys it after the headers. */
  readonly disconnectAfterBytes?: number;
  /** Send an error frame, `ServiceException`, after so many payload bytes and end the response. */
  readonly exceptionAfterBytes?: number;
  /** End the HTTP response cleanly, without `InvokeComplete`, after so many payload bytes. */
  readonly truncateAfterBytes?: number;
  /** Cut and join the payload of a stream at pseudo-random places. @default - the option `rechunk` of `startLocal()` */
  readonly rechunk?: { readonly seed: number };
}

/** What a fault is decided from. */
export interface FaultRequest {
  readonly operation: 'Invoke' | 'InvokeWithResponseStream' | 'FunctionUrl' | 'RestApi' | 'HttpApi';
  readonly functionName: string;
  readonly qualifier: string | undefined;
  /** Counts the invocations of this local target from 1. */
  readonly invocation: number;
}

export interface InvocationOptions extends PlatformTime {
  /**
   * How a stream that fails after its headers is reported. `observed` is what AWS did when measured: `InvokeComplete`
   * without `ErrorCode`, evidence in the log tail only. `trailers` fills `ErrorCode` and `ErrorDetails`.
   * @default 'observed'
   */
  readonly errorReporting?: 'observed' | 'trailers';
  /**
   * `DryRun` on the streaming operation: `observed` runs the function, `documented` answers 204.
   * @default 'observed'
   */
  readonly streamingDryRun?: 'observed' | 'documented';
  /** Cut and join payloads at pseudo-random places, as networks do. @default - one frame per write of the handler */
  readonly rechunk?: { readonly seed: number };
  /**
   * Hold back a write below 16 KiB until the next one, or the end, as users of AWS see now and then. A client that must see
   * a small piece before the function goes on waits in vain. `rechunk` wins over it.
   * https://github.com/aws/aws-lambda-nodejs-runtime-interface-client/issues/94
   * @default false
   */
  readonly coalescing?: boolean;
  /** Send at most 2 MiB per second after the first 6 MiB of a stream, as AWS documents. @default false */
  readonly capBandwidth?: boolean;
  /** Decides a fault per invocation. @default - none */
  readonly fault?: (request: FaultRequest) => Fault | undefined;
  /** Between 0 and 1, decides weighted aliases. @default Math.random */
  readonly random?: () => number;
}

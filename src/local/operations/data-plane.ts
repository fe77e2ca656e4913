/**
 * The Lambda data plane: who may call it, what it may start, and what it answers on `POST …/functions/{name}/…`.
 * It reads {@link LocalState} on every request, so a deploy is visible to the next invocation without a restart.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../clock';
import type { ServiceError } from '../errors';
import type { LocalState } from '../state';

/** What the target knows about an access key. */
export interface CallerCredentials {
  readonly secretAccessKey: string;
  /** Present for temporary credentials; the request must then carry the same `X-Amz-Security-Token`. */
  readonly sessionToken?: string;
  /** For example `arn:aws:sts::111111111111:assumed-role/Caller/session`. */
  readonly principalArn: string;
  /** Twelve digits. */
  readonly account: string;
  /** Milliseconds since the Unix epoch; later requests are refused as expired. @default - never expires */
  readonly expiresAt?: number;
}

export type CredentialLookup = (accessKeyId: string) => CallerCredentials | undefined;

/** An HTTP request as it was signed. */
export interface SignedRequest {
  readonly method: string;
  /** Path and query exactly as on the request line. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Uint8Array;
}

export type Authentication =
  | {
      readonly authenticated: true;
      readonly accessKeyId: string;
      readonly region: string;
      readonly service: string;
      readonly credentials: CallerCredentials;
    }
  | { readonly authenticated: false; readonly error: ServiceError };

/** Verifies the signature of a request for one service; made by `createAuthenticator` in `http/sigv4`. */
export type Authenticate = (request: SignedRequest, service: string) => Authentication;

export interface AuthorizationRequest {
  readonly action:
    | 'lambda:InvokeFunction'
    | 'lambda:InvokeFunctionUrl'
    | 'lambda:GetFunction'
    | 'lambda:GetFunctionConfiguration';
  /** `*` for an anonymous caller of a function URL. */
  readonly principalArn: string;
  /** Account of the caller; empty for an anonymous caller. */
  readonly account: string;
  /** Qualified when the request is qualified. */
  readonly resourceArn: string;
  /** Condition keys, for example `lambda:FunctionUrlAuthType`. */
  readonly context: Readonly<Record<string, string | boolean>>;
}

export type AuthorizationDecision =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly reason: string; readonly message: string };

export type Authorize = (request: AuthorizationRequest) => AuthorizationDecision;

/** A line a function or the platform logged. */
export interface LogRecord {
  readonly functionArn: string;
  readonly version: string;
  readonly logGroupName: string;
  readonly requestId: string | undefined;
  /** Without the final line break; several lines when the function logged several at once. */
  readonly message: string;
}

/** A disturbance for one invocation, as networks and services produce them. */
export interface Fault {
  /** Answer with 429 and never start the function. */
  readonly throttle?: boolean;
  /** Milliseconds to wait before the response headers. */
  readonly delayMs?: number;
  /** Destroy the connection after so many payload bytes; 0 destroys it after the headers. */
  readonly disconnectAfterBytes?: number;
  /** Send an `exception` frame after so many payload bytes and end the response. */
  readonly exceptionAfterBytes?: number;
  /** End the HTTP response cleanly, without `InvokeComplete`, after so many payload bytes. */
  readonly truncateAfterBytes?: number;
}

/** What a fault is decided from. */
export interface FaultRequest {
  readonly operation: 'Invoke' | 'InvokeWithResponseStream' | 'FunctionUrl';
  readonly functionName: string;
  readonly qualifier: string | undefined;
  /** Counts the invocations of this data plane from 1. */
  readonly invocation: number;
}

export interface DataPlaneOptions {
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
  /** Send at most 2 MiB per second after the first 6 MiB of a stream, as AWS documents. @default false */
  readonly capBandwidth?: boolean;
  /** Decides a fault per invocation. @default - none */
  readonly fault?: (request: FaultRequest) => Fault | undefined;
  /** Execution environments that may run at once; a further invocation is throttled. @default 100 */
  readonly maxConcurrency?: number;
  /** Milliseconds an idle execution environment is kept warm. @default 300000 */
  readonly idleMs?: number;
  /** Milliseconds a function may take to load. @default 10000 */
  readonly initTimeoutMs?: number;
  /** Receives every log line. @default - lines are kept for the log tail only */
  readonly onLog?: (record: LogRecord) => void;
  /** Environment variables beside Lambda's own, for example credentials of the role and `AWS_ENDPOINT_URL`. */
  readonly environmentFor?: (functionArn: string, roleArn: string) => Readonly<Record<string, string>>;
  /** The Node.js that runs a runtime such as `nodejs24.x`. @default - the one that runs the local target */
  readonly nodeExecutable?: (runtime: string) => string;
  /** @default - the system clock */
  readonly clock?: Clock;
  /** Between 0 and 1, decides weighted aliases. @default Math.random */
  readonly random?: () => number;
}

export interface DataPlaneProps {
  readonly state: LocalState;
  readonly authenticate: Authenticate;
  readonly authorize: Authorize;
  readonly options?: DataPlaneOptions;
}

/** A part of the local HTTP server. */
export interface HttpRoute {
  /** Whether this route answers the request; decided from method, path and `Host` only. */
  matches(request: IncomingMessage): boolean;
  handle(request: IncomingMessage, response: ServerResponse): void;
}

export interface DataPlane extends HttpRoute {
  /** Ends every execution environment and resolves when their processes and ports are gone. */
  stop(): Promise<void>;
}

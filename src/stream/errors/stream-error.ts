/**
 * The one error of invoker, fetcher and the streams they return: a closed set of codes, and with each what a caller needs
 * to decide what to do next. docs/errors.md lists every code with its causes.
 */
import type { ContractIssue } from '../../contract/contract-error';
import type { InferErrorData, StreamContract } from '../../contract/stream-contract';
import type { AccessDenial } from './access-denial';
import { leadsToCaller, ownFramesTrimmed } from './stack-trace';

/** Where in an invocation an error arose. */
export type StreamPhase =
  /** Before anything was sent. */
  | 'input'
  /** From the request until the response headers. */
  | 'request'
  /** From the response headers until the first byte of the payload. */
  | 'before-first-byte'
  /** After the first byte of the payload. */
  | 'streaming'
  /** At or after the end of the response. */
  | 'end';

/**
 * Whether the function ran: `no`, surely not, so calling again cannot run it twice; `yes`, it was started; `maybe`, the
 * connection failed between the request and the response headers.
 */
export type Invoked = 'no' | 'maybe' | 'yes';

export type TimeoutKind = 'connect' | 'headers' | 'firstByte' | 'idle' | 'total';

/** What each code says beyond the fields all errors have. */
export interface StreamErrorDetails {
  /** The input breaks the contract's schema, or is not JSON. Nothing was sent. */
  INPUT_INVALID: { readonly issues?: readonly ContractIssue[] };
  /** What the caller's program was set up with is wrong: an option, a name, a package, a file, a client. */
  CONFIG_INVALID: object;
  /** The caller may not invoke this function or look up its target, or has no valid credentials. */
  ACCESS_DENIED: AccessDenial;
  /** The function, version or alias does not exist in this account and region; or the stack or parameter of the target. */
  NOT_FOUND: object;
  /** Too many requests or no concurrency left. */
  THROTTLED: {
    /** The service's `Reason`, for example `ReservedFunctionConcurrentInvocationLimitExceeded`. */
    readonly reason?: string;
    readonly retryAfterMs?: number;
  };
  /** The input is larger than a synchronous invocation may carry. */
  REQUEST_TOO_LARGE: { readonly limitBytes?: number };
  /** Lambda, the service that knows the target, or something before it refused or failed the request for another reason. */
  SERVICE: { readonly errorName: string; readonly statusCode?: number };
  /** The connection could not be made, or broke. */
  TRANSPORT: {
    /** The operating system's word, for example `ECONNRESET`. */
    readonly systemCode?: string;
  };
  /** One of the caller's own clocks ran out. */
  TIMEOUT: { readonly kind: TimeoutKind; readonly limitMs: number };
  /** The caller aborted; `cause` is the reason given. The error's name is `AbortError`. */
  ABORTED: object;
  /** The function failed, whether or not the platform said so. */
  FUNCTION_ERROR: {
    /** The platform's code, for example `Unhandled`; undefined when the failure was found in the log tail. */
    readonly errorCode?: string;
    readonly errorType?: string;
    readonly errorMessage?: string;
    readonly trace?: readonly string[];
    readonly timedOut: boolean;
    /** What told: the `InvokeComplete` event or the log tail. */
    readonly source: 'complete' | 'log-tail';
    /** `ErrorDetails` as received. */
    readonly errorDetails?: string;
  };
  /** Lambda ended the event stream with an error or exception frame. */
  STREAM_EXCEPTION: { readonly errorCode: string; readonly reason?: string };
  /** The response ended before it was complete. */
  TRUNCATED: {
    /**
     * `boundary`: between frames, `frame`: inside one, `marker`: the platform finished but the contract's end marker is
     * missing, `count`: the end marker counts more chunks than arrived, `size-limit`: Lambda cut the response at
     * 200 MiB, `prelude`: inside the HTTP prelude.
     */
    readonly where: 'boundary' | 'frame' | 'marker' | 'count' | 'size-limit' | 'prelude';
  };
  /** A frame failed its checks; nothing after it was handed out. */
  CORRUPT: { readonly kind: string; readonly byteOffset?: number };
  /** The payload exceeds `maxResponseBytes`. */
  RESPONSE_TOO_LARGE: { readonly limitBytes: number };
  /** The payload is not what the contract's format says. */
  DECODE: { readonly kind: string; readonly line?: number; readonly byteOffset?: number; readonly excerpt?: string };
  /** A chunk, or the final value, breaks the contract's schema. */
  CHUNK_INVALID: {
    readonly part: 'chunk' | 'final' | 'error';
    /** Number of the chunk, counted from 0. */
    readonly index: number;
    readonly issues: readonly ContractIssue[];
  };
  /** The handler ended the stream with a typed error of the contract. */
  REMOTE: {
    readonly errorType: string;
    readonly errorMessage: string;
    readonly data?: unknown;
    /** What the handler found wrong with the input, where `errorType` is `InvalidInput`. */
    readonly issues?: readonly ContractIssue[];
    /** HTTP status that the handler gave the error. */
    readonly statusCode?: number;
    /** The handler's stack, where `logs: 'tail'` brought it. */
    readonly trace?: readonly string[];
  };
}

export type StreamErrorCode = keyof StreamErrorDetails;

/** Fields of every error. */
export interface StreamErrorFacts {
  readonly phase: StreamPhase;
  readonly invoked: Invoked;
  /** Whether the same call may succeed later. Look at `invoked` before you try: the function may have run. */
  readonly retryable: boolean;
  readonly requestId?: string;
  /** Chunks that were handed out before the error. */
  readonly chunks: number;
  /** Bytes of payload received before the error. */
  readonly payloadBytes: number;
  /** End of the function's log, where it was asked for and received. */
  readonly logTail?: string;
  /** The error below, where it says more than this one: consoles and test runners print it, too. */
  readonly cause?: unknown;
}

interface Notes {
  /** More lines of `message`, for a person to read. */
  readonly notes?: string | undefined;
}

/** An error of one code with the details of that code. */
export type StreamErrorOf<C extends StreamErrorCode> = C extends StreamErrorCode
  ? StreamError & { readonly code: C } & StreamErrorDetails[C]
  : never;

/** Where each code is explained, under a heading of its own. */
const DOCS = 'https://github.com/cdk-lambda-streaming/cdk-lambda-streaming/blob/main/docs/errors.md';

const BRAND = Symbol.for('cdk-lambda-streaming.StreamError');

/** Raised by invokers, fetchers and their streams. Recognise it with {@link isStreamError}, not with `instanceof`. */
export class StreamError extends Error implements StreamErrorFacts {
  public readonly code: StreamErrorCode;
  /** `message` without the code in front of it, and without what a local target adds to it. */
  declare public readonly rawMessage: string;
  public readonly phase: StreamPhase;
  public readonly invoked: Invoked;
  public readonly retryable: boolean;
  public readonly requestId?: string;
  public readonly chunks: number;
  public readonly payloadBytes: number;
  public readonly logTail?: string;

  private constructor(code: StreamErrorCode, message: string, facts: StreamErrorFacts & Notes) {
    const { notes } = facts;
    super(
      `[${code}] ${message}${notes === undefined ? '' : `\n${notes}`}`,
      facts.cause === undefined ? undefined : { cause: facts.cause },
    );
    // AbortError is the name by which the platform's own functions announce an abort.
    this.name = code === 'ABORTED' ? 'AbortError' : 'StreamError';
    this.code = code;
    this.phase = facts.phase;
    this.invoked = facts.invoked;
    this.retryable = facts.retryable;
    this.requestId = facts.requestId;
    this.chunks = facts.chunks;
    this.payloadBytes = facts.payloadBytes;
    this.logTail = facts.logTail;
    Object.defineProperty(this, BRAND, { value: true });
    // Not enumerable: consoles and test runners would print it beside the message.
    Object.defineProperty(this, 'rawMessage', { value: message });
    Object.defineProperty(this, 'stack', {
      value: ownFramesTrimmed(this.stack, headingOf(this)),
      writable: true,
      configurable: true,
    });
  }

  /** An error of `code` with all its details. */
  public static of<C extends StreamErrorCode>(
    code: C,
    message: string,
    details: StreamErrorDetails[C],
    facts: Partial<StreamErrorFacts> & Notes,
  ): StreamErrorOf<C> {
    const base: StreamErrorFacts & Notes = {
      phase: 'input',
      invoked: 'no',
      retryable: false,
      chunks: 0,
      payloadBytes: 0,
      ...facts,
    };
    // Not by the class's name: bundlers would rename the class for it, and traces would say `_StreamError`.
    return Object.assign(new this(code, message, base), details) as unknown as StreamErrorOf<C>;
  }
}

function headingOf({ name, message, code }: StreamError): string {
  return `${name}: ${message}\n    see ${DOCS}#${code.toLowerCase()}`;
}

/**
 * Where the trace of `error` has no frame of the caller, it gets that of whoever awaits this call. An error that a connection
 * raises was made in a turn of the event loop of its own, which nobody awaits.
 */
export function tracedToCaller(error: StreamError): void {
  const heading = headingOf(error);
  if (!leadsToCaller(error.stack?.slice(heading.length) ?? ''))
    error.stack = ownFramesTrimmed(new Error().stack, heading);
}

/** The error a handler of `Contract` raises on purpose, with the type of its data. */
export type RemoteErrorOf<Contract extends StreamContract> = StreamErrorOf<'REMOTE'> & {
  readonly data?: InferErrorData<Contract>;
};

/**
 * Whether `error` was raised by an invoker, a fetcher or one of their streams, also by another copy of this package or in another
 * realm; with `code`, whether it has that code. With `'REMOTE'` and a contract, `data` has the contract's type.
 */
export function isStreamError<Contract extends StreamContract>(
  error: unknown,
  code: 'REMOTE',
  contract: Contract,
): error is RemoteErrorOf<Contract>;
export function isStreamError<Code extends StreamErrorCode = StreamErrorCode>(
  error: unknown,
  code?: Code,
): error is StreamErrorOf<Code>;
export function isStreamError(error: unknown, code?: StreamErrorCode): boolean {
  const branded = typeof error === 'object' && error !== null && (error as Record<symbol, unknown>)[BRAND] === true;
  return branded && (code === undefined || (error as StreamError).code === code);
}

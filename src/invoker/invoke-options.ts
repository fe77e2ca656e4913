/** What an invoker and a single call can be told. */
import type { LambdaClient, LambdaClientConfig } from '@aws-sdk/client-lambda';
import type { RetryOptions } from '../stream/call/retry-policy';
import type { HookedCall, StreamHooks } from '../stream/call/stream-hooks';
import { overlay } from '../stream/options/overlay';
import { LONGEST_SILENCE_MS, type StreamTimeouts } from '../stream/reading/stream-clock';
import type { ReadOptions } from '../stream/reading/stream-parts';
import type { ClientContext } from '../wire/client-context';
import type { StreamTarget } from './target/stream-target';

/** All in milliseconds; 0 or `Infinity` switch a clock off. */
export interface InvokeTimeouts extends StreamTimeouts {
  /**
   * Until the connection is made. Only for the invoker's own client: one of yours has its own `connectionTimeout`.
   * @default 10_000
   */
  readonly connectMs?: number;
  /**
   * From the request to the response headers, which the function's start may delay; for each attempt. What comes before
   * the first one, an asynchronous input schema and the lookup of the target, may take as long again each.
   * @default 910_000, Lambda's longest function timeout and ten seconds
   */
  readonly headersMs?: number;
}

export const DEFAULT_CONNECT_MS = 10_000;
export const DEFAULT_HEADERS_MS = LONGEST_SILENCE_MS;

/** Options that a single call can override. */
export interface CallOptions {
  /**
   * Aborts the call, also in the middle of the stream.
   * @default - the call is not aborted
   */
  readonly signal?: AbortSignal;
  /** @default - the invoker's */
  readonly timeouts?: Omit<InvokeTimeouts, 'connectMs'>;
  /**
   * Passed to the function as `context.clientContext`; at most 3,583 bytes as base64.
   * https://docs.aws.amazon.com/lambda/latest/api/API_InvokeWithResponseStream.html
   * @default - none
   */
  readonly clientContext?: ClientContext;
  /**
   * W3C trace context, or a function that gives the current one; travels as `custom.traceparent` of the client context.
   * The function is told the call's id, as the hooks are. Left out with a warning where the function throws or the
   * client context has no room for it.
   * @default - none
   */
  readonly traceparent?: string | ((call: HookedCall) => string | undefined);
  /**
   * Tenant of a function with tenant isolation.
   * @default - none
   */
  readonly tenantId?: string;
}

/** How to reach the function and how to read what it sends. */
export interface InvokerSettings extends Omit<CallOptions, 'signal' | 'timeouts'>, Omit<ReadOptions, 'timeouts'> {
  /** @default - connection 10 s, headers and silence 910 s each, total not limited */
  readonly timeouts?: InvokeTimeouts;
  /**
   * `tail` asks for the last 4 KB of the function's log, in the result and in errors. Without it a crash of a function
   * that writes no end marker looks like the end of its stream. The end of the stream comes some 0.1 s later with it.
   * @default 'none'
   */
  readonly logs?: 'none' | 'tail';
  /**
   * When to try again; `false` for never. A call is never repeated after the response headers.
   * @default - up to 3 attempts, and only where the function was surely not invoked
   */
  readonly retry?: RetryOptions | false;
  /**
   * Bytes kept ahead of the reader before the connection is held back.
   * @default 262_144
   */
  readonly highWaterMark?: number;
  /** @default - none */
  readonly hooks?: StreamHooks;
}

/** Which function. */
export type InvokeTarget =
  | {
      /** What a stack exported with `exportStreamTarget()`, or an ARN. */
      readonly target: StreamTarget;
      readonly functionName?: undefined;
      readonly qualifier?: undefined;
    }
  | {
      /** Name, ARN or partial ARN, with or without a qualifier. */
      readonly functionName: string;
      /**
       * Version or alias.
       * @default - the one in functionName, else `$LATEST`
       */
      readonly qualifier?: string;
      readonly target?: undefined;
    };

/** With which client. */
export type InvokeClient =
  | {
      /** Your client, used as it is: never changed, never closed. Its retry strategy is not used, see `retry`. */
      readonly client: LambdaClient;
      readonly clientConfig?: undefined;
    }
  | {
      /**
       * Configuration of the invoker's own client.
       * @default - region of the target, else all as the AWS SDK finds it
       */
      readonly clientConfig?: LambdaClientConfig;
      readonly client?: undefined;
    };

export type StreamInvokerOptions = InvokerSettings & InvokeTarget & InvokeClient;

/** What holds for one call. */
export type CallSettings = Omit<CallOptions, 'timeouts'> & { readonly timeouts: InvokeTimeouts };

/** The call's own options where they are given, else the invoker's. */
export function settingsOf(options: InvokerSettings, call: CallOptions): CallSettings {
  const { signal, clientContext = options.clientContext, traceparent = options.traceparent } = call;
  const { tenantId = options.tenantId } = call;
  return { signal, clientContext, traceparent, tenantId, timeouts: overlay(options.timeouts, call.timeouts) };
}

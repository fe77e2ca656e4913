/** What an invoker and a single call can be told, and which values are refused. */
import type { LambdaClient, LambdaClientConfig } from '@aws-sdk/client-lambda';
import { isObject } from '../base/is-object';
import { isFunction, isString, OBJECT, objectOf, oneOf, type Rules, SIGNAL } from '../base/option-problem';
import type { StreamContract } from '../contract/stream-contract';
import type { RetryOptions, StreamCallOptions, StreamSettings } from '../stream/call/call-options';
import {
  checkContract,
  checkOptions,
  invalidOption,
  MILLISECONDS,
  overlay,
  SETTINGS,
  STREAM_TIMEOUTS,
  TRACEPARENT,
} from '../stream/options/option-rules';
import type { StreamTimeouts } from '../stream/reading/read-options';
import type { ClientContext } from '../wire/client-context';
import type { StreamTarget } from './target/stream-target';

/** All in milliseconds; 0 or `Infinity` switch a clock off. */
export interface InvokeTimeouts extends StreamTimeouts {
  /**
   * Until the connection is made. Only for the invoker's own client: one of yours has its own `connectionTimeout`.
   * @default 10_000
   */
  readonly connectMs?: number | undefined;
}

export const DEFAULT_CONNECT_MS = 10_000;

/** Options that a single call can override. */
export interface InvokeCallOptions extends StreamCallOptions {
  /**
   * Passed to the function as `context.clientContext`; at most 3,583 bytes as base64.
   * https://docs.aws.amazon.com/lambda/latest/api/API_InvokeWithResponseStream.html
   * @default - none
   */
  readonly clientContext?: ClientContext | undefined;
  /**
   * Tenant of a function with tenant isolation.
   * @default - none
   */
  readonly tenantId?: string | undefined;
}

/** How to reach the function and how to read what it sends. */
export interface InvokerSettings
  extends Omit<StreamSettings, 'timeouts'>,
    Omit<InvokeCallOptions, 'signal' | 'timeouts'> {
  /** @default - connection 10 s, headers and silence 910 s each, total not limited */
  readonly timeouts?: InvokeTimeouts | undefined;
  /**
   * `tail` asks for the last 4 KB of the function's log, in the result and in errors. Without it a crash of a function
   * that writes no end marker looks like the end of its stream. The end of the stream comes some 0.1 s later with it.
   * @default 'none'
   */
  readonly logs?: 'none' | 'tail' | undefined;
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
      readonly qualifier?: string | undefined;
      readonly target?: undefined;
    };

/** With which client. */
export type InvokeClient =
  | {
      /**
       * Your client, used as it is: never changed, never closed. Its retry strategy is not used, see `retry`. One of the
       * SDK's class `Lambda` makes its commands itself, so that no other copy of the SDK is loaded; a `LambdaClient` needs
       * the package `@aws-sdk/client-lambda` beside it, in its own version.
       */
      readonly client: LambdaClient;
      readonly clientConfig?: undefined;
    }
  | {
      /**
       * Configuration of the invoker's own client.
       * @default - region of the target, else all as the AWS SDK finds it
       */
      readonly clientConfig?: LambdaClientConfig | undefined;
      readonly client?: undefined;
    };

export type StreamInvokerOptions = InvokerSettings & InvokeTarget & InvokeClient;

/** What holds for one call of an invoker. */
export interface InvokeSettings extends Omit<InvokeCallOptions, 'timeouts'> {
  readonly timeouts: InvokeTimeouts;
  readonly retry?: RetryOptions | false | undefined;
}

/** The call's own options where they are given, else the invoker's. */
export function settingsOf(options: InvokerSettings, call: InvokeCallOptions): InvokeSettings {
  const { signal, clientContext = options.clientContext, traceparent = options.traceparent } = call;
  const { tenantId = options.tenantId } = call;
  const timeouts = overlay(options.timeouts, call.timeouts);
  return { signal, clientContext, traceparent, tenantId, timeouts, retry: options.retry };
}

/** Travels in every request, so it is the same for the invoker and for a call. */
const REQUEST: Rules = {
  clientContext: {
    allowed: 'an object, and custom in it too',
    fits: (value) => isObject(value) && (value['custom'] === undefined || isObject(value['custom'])),
  },
  traceparent: TRACEPARENT,
  // It becomes a header.
  tenantId: {
    allowed: 'one or more printable ASCII characters',
    fits: (value) => isString(value) && /^[\x20-\x7e]+$/.test(value),
  },
};

const CALL: Rules = { ...REQUEST, signal: SIGNAL, timeouts: objectOf(STREAM_TIMEOUTS) };

const INVOKER: Rules = {
  ...REQUEST,
  ...SETTINGS,
  timeouts: objectOf({ connectMs: MILLISECONDS, ...STREAM_TIMEOUTS }),
  logs: oneOf('none', 'tail'),
  target: { allowed: 'a StreamTarget', fits: (value) => isObject(value) && isFunction(value['resolve']) },
  functionName: { allowed: 'a string, the name or ARN of a function', fits: isString },
  qualifier: { allowed: 'a string, a version or alias', fits: isString },
  client: {
    allowed: 'a LambdaClient',
    fits: (value) => isObject(value) && isFunction(value['send']) && isObject(value['middlewareStack']),
  },
  clientConfig: OBJECT,
};

/** @throws StreamError with code CONFIG_INVALID for an option that is unknown, wrong or contradicts another */
export function checkInvokerOptions(contract: StreamContract, options: unknown): void {
  const where = 'streamInvoker';
  checkContract(where, contract);
  checkOptions(where, options, INVOKER);
  const { target, functionName, qualifier, client, clientConfig } = options as Readonly<Record<string, unknown>>;
  const both = (left: string, right: string) =>
    invalidOption(where, `${left} and ${right} exclude each other; give one`);
  if (target !== undefined && functionName !== undefined) throw both('target', 'functionName');
  if (target !== undefined && qualifier !== undefined) {
    throw invalidOption(where, "qualifier goes with functionName; a target's ARN has its own version or alias");
  }
  if (target === undefined && functionName === undefined) {
    throw invalidOption(where, 'give the function as target or functionName');
  }
  if (client !== undefined && clientConfig !== undefined) throw both('client', 'clientConfig');
}

/**
 * @param where `invoke()` or `dryRun()`
 * @throws StreamError with code CONFIG_INVALID
 */
export function checkCallOptions(where: string, call: unknown): void {
  checkOptions(where, call, CALL);
}

/**
 * Invokes a streaming Lambda function by contract: `invoke()` resolves at the response headers with a stream of checked
 * chunks. Stands on the AWS SDK's client, loaded when first needed; reads the response with its own decoder.
 * https://docs.aws.amazon.com/lambda/latest/api/API_InvokeWithResponseStream.html
 */
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { InferChunk, InferFinal, InferInput, StreamContract } from '../contract/stream-contract';
import { onAbort } from './abort-listeners';
import { type AttemptLimits, attempt } from './attempt';
import { toByteSource } from './body-source';
import { checkCallOptions, checkInvokerOptions } from './check-options';
import { abortedBeforeHeaders, Deadline, pause } from './deadline';
import { type DryRunResult, toDryRunResult } from './dry-run';
import { FramePayloads } from './frame-payloads';
import {
  type CallOptions,
  DEFAULT_CONNECT_MS,
  DEFAULT_HEADERS_MS,
  type InvokeTimeouts,
  type StreamInvokerOptions,
  settingsOf,
} from './invoke-options';
import { encodeInput, type FunctionAddress, isPromise, readAddress, toCommandInput } from './invoke-request';
import { InvokedStream } from './invoked-stream';
import { createLambdaClient } from './lambda-client';
import { loadClientLambda } from './load-client-lambda';
import { checkContentType, readHead } from './response-head';
import { type RetryOptions, retryDelay } from './retry-policy';
import type { Command, RawResponse } from './send-request';
import type { StreamError } from './stream-error';
import { callHook, warn } from './stream-hooks';
import { StreamProgress } from './stream-progress';
import type { StreamTarget } from './stream-target';

/** Bytes kept ahead of a reader unless told otherwise. */
const HIGH_WATER_MARK = 256 * 1024;

/** Invokes one function by one contract. Keep it: it keeps connections open for the next call. */
export class StreamInvoker<Contract extends StreamContract> {
  private address: FunctionAddress | undefined;
  private ownClient: LambdaClient | undefined;

  /** Use {@link streamInvoker}. */
  public constructor(
    private readonly contract: Contract,
    private readonly options: StreamInvokerOptions,
  ) {
    // Checked now, so that what is wrong fails where it is written.
    checkInvokerOptions(contract, options);
    if (options.functionName !== undefined) {
      this.address = readAddress(options.functionName, options.qualifier);
    }
  }

  /**
   * Invokes the function. Resolves at the response headers; the chunks are read from the stream.
   * @throws StreamError for all that goes wrong before the headers
   */
  public async invoke(
    input: InferInput<Contract>,
    call: CallOptions = {},
  ): Promise<InvokedStream<InferChunk<Contract>, InferFinal<Contract>>> {
    checkCallOptions('invoke()', call);
    const { options } = this;
    const settings = settingsOf(options, call);
    const { signal } = settings;
    if (signal?.aborted) throw abortedBeforeHeaders(signal.reason, false);
    const progress = new StreamProgress();
    const encoded = encodeInput(this.contract, input);
    const payload = isPromise(encoded)
      ? await this.within(settings.timeouts, signal, progress, "the input schema's answer", () => encoded)
      : encoded;
    const address = this.address ?? (await this.findAddress(settings.timeouts, signal, progress));
    const commandInput = toCommandInput(address, payload, options.logs, settings, (message) =>
      warn(options.hooks, message),
    );
    const { InvokeWithResponseStreamCommand } = loadClientLambda();
    const command = () => new InvokeWithResponseStreamCommand(commandInput);
    const retry = options.retry === false ? { maxAttempts: 1 } : (options.retry ?? {});
    const response = await this.send(command, address, settings.timeouts, signal, progress, retry);
    return this.open(response, settings.timeouts, signal, progress);
  }

  /**
   * Asks Lambda whether the caller may invoke the function, without running it. Uses the operation `Invoke`, which needs
   * the same permission: the streaming operation runs the function even for a dry run.
   * @throws StreamError where that cannot be found out, for example `NOT_FOUND`
   */
  public async dryRun(call: CallOptions = {}): Promise<DryRunResult> {
    checkCallOptions('dryRun()', call);
    const { signal, timeouts } = settingsOf(this.options, call);
    if (signal?.aborted) throw abortedBeforeHeaders(signal.reason, false);
    const progress = new StreamProgress();
    const address = this.address ?? (await this.findAddress(timeouts, signal, progress));
    const { InvokeCommand } = loadClientLambda();
    const { functionName: FunctionName, qualifier: Qualifier } = address;
    const command = () => new InvokeCommand({ FunctionName, Qualifier, InvocationType: 'DryRun' });
    // Nothing runs, so every failure may be tried again.
    const retry = {
      ...(this.options.retry === false ? { maxAttempts: 1 } : this.options.retry),
      allowDuplicateInvocation: true,
    };
    try {
      const { body } = await this.send(command, address, timeouts, signal, progress, retry);
      toByteSource(body, HIGH_WATER_MARK)?.release();
      return { allowed: true };
    } catch (error) {
      return toDryRunResult(error);
    }
  }

  /** Closes the idle connections of the invoker's own client; streams that are open stay open. A client of yours is not touched. */
  public close(): void {
    this.ownClient?.destroy();
    this.ownClient = undefined;
  }

  private async send(
    command: () => Command,
    address: FunctionAddress,
    timeouts: InvokeTimeouts,
    signal: AbortSignal | undefined,
    progress: StreamProgress,
    retry: RetryOptions,
  ): Promise<RawResponse> {
    const { connectMs = DEFAULT_CONNECT_MS, headersMs = DEFAULT_HEADERS_MS, totalMs = 0 } = timeouts;
    const client = this.client(address, connectMs);
    for (let number = 1; ; number++) {
      progress.attempts = number;
      callHook(this.options.hooks, 'onRequest', { functionName: address.functionName, attempt: number });
      const limits: AttemptLimits = { connectMs, headersMs, totalMs, elapsedMs: progress.elapsed(), signal };
      try {
        return await attempt(client, command(), limits);
      } catch (cause) {
        const error = cause as StreamError;
        const delayMs = retryDelay(error, number, retry, Math.random());
        if (delayMs === undefined || (totalMs > 0 && progress.elapsed() + delayMs >= totalMs)) throw error;
        callHook(this.options.hooks, 'onRetry', { error, attempt: number, delayMs });
        await pause(delayMs, signal, error.invoked !== 'no');
      }
    }
  }

  private open(
    response: RawResponse,
    timeouts: InvokeTimeouts,
    signal: AbortSignal | undefined,
    progress: StreamProgress,
  ): InvokedStream<InferChunk<Contract>, InferFinal<Contract>> {
    const { options, contract } = this;
    const head = readHead(response);
    progress.requestId = head.requestId;
    progress.headersMs = progress.elapsed();
    checkContentType(response, progress);
    callHook(options.hooks, 'onHeaders', { ...head, headersMs: progress.headersMs });
    let stopListening: (() => void) | undefined;
    const onSettled = (read: StreamProgress, error?: StreamError) => {
      stopListening?.();
      callHook(options.hooks, 'onEnd', { requestId: head.requestId, metrics: read.metrics(), error });
    };
    const body = toByteSource(response.body, options.highWaterMark ?? HIGH_WATER_MARK);
    if (body === undefined) throw progress.error('CORRUPT', 'the HTTP handler gave no stream', { kind: 'body' });
    const source = new FramePayloads(body);
    const read = { ...options, timeouts };
    const stream = new InvokedStream<InferChunk<Contract>, InferFinal<Contract>>({
      contract,
      source,
      progress,
      head,
      read,
      hasLogTail: options.logs === 'tail',
      onSettled,
    });
    stopListening = onAbort(signal, () => stream.abort(signal?.reason));
    return stream;
  }

  private async findAddress(
    timeouts: InvokeTimeouts,
    signal: AbortSignal | undefined,
    progress: StreamProgress,
  ): Promise<FunctionAddress> {
    // One of the two is there.
    const target = this.options.target as StreamTarget;
    try {
      const { functionArn } = await this.within(timeouts, signal, progress, "the target's address", () =>
        target.resolve(),
      );
      this.address = readAddress(functionArn);
      return this.address;
    } catch (error) {
      // A lookup that hangs would hold the next call, too.
      target.forget();
      throw error;
    }
  }

  /** `work` that comes before the request, as long as the call may last and no longer than a request may. */
  private async within<T>(
    { headersMs = DEFAULT_HEADERS_MS, totalMs = 0 }: InvokeTimeouts,
    signal: AbortSignal | undefined,
    progress: StreamProgress,
    awaited: string,
    work: () => PromiseLike<T>,
  ): Promise<T> {
    const limits = { headersMs, totalMs, elapsedMs: progress.elapsed(), signal };
    const deadline = new Deadline(limits, { sent: false }, awaited);
    try {
      return await deadline.race(Promise.resolve(work()));
    } finally {
      deadline.release();
    }
  }

  private client(address: FunctionAddress, connectMs: number): LambdaClient {
    const { client, clientConfig } = this.options;
    if (client !== undefined) return client;
    const region = address.region === undefined ? {} : { region: address.region };
    this.ownClient ??= createLambdaClient({ ...region, ...clientConfig }, connectMs);
    return this.ownClient;
  }
}

/**
 * An invoker for the function that `options` name, speaking `contract`.
 * @throws StreamError `INPUT_INVALID` for an option that is unknown or cannot be
 */
export function streamInvoker<Contract extends StreamContract>(
  contract: Contract,
  options: StreamInvokerOptions,
): StreamInvoker<Contract> {
  return new StreamInvoker(contract, options);
}

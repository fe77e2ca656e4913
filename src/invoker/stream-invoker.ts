/**
 * Invokes a streaming Lambda function by contract: `invoke()` resolves at the response headers with a stream of checked
 * chunks. Stands on the AWS SDK's client, loaded when first needed; reads the response with its own decoder.
 * https://docs.aws.amazon.com/lambda/latest/api/API_InvokeWithResponseStream.html
 */

import type * as ClientLambda from '@aws-sdk/client-lambda';
import { isPromise } from '../base/promises';
import type { InferChunk, InferFinal, InferInput, StreamContract } from '../contract/stream-contract';
import { onAbort } from '../stream/call/abort-listeners';
import { within } from '../stream/call/deadline';
import { encodeInput } from '../stream/call/encode-input';
import type { RetryOptions } from '../stream/call/retry-policy';
import type { OnSettled } from '../stream/reading/stream-parts';
import { toByteSource } from './body/body-source';
import { FramePayloads } from './frame-payloads';
import { FunctionFinder } from './function-finder';
import { type Call, limitsOf, runCall } from './invocation';
import { type CallOptions, DEFAULT_CONNECT_MS, type StreamInvokerOptions } from './invoke-options';
import { type FunctionAddress, toCommandInput } from './invoke-request';
import { InvokedStream } from './invoked-stream';
import { checkInvokerOptions } from './options/check-options';
import { checkDryRunResponse, type DryRunResult, toDryRunResult } from './request/dry-run';
import { createLambdaClient } from './request/lambda-client';
import { loadClientLambda } from './request/load-client-lambda';
import { type ClientUse, OwnClient } from './request/own-client';
import { checkContentType, readHead } from './request/response-head';
import type { RawResponse } from './request/send-request';
import { sendWithRetries } from './send-with-retries';

/** Bytes kept ahead of a reader unless told otherwise. */
const HIGH_WATER_MARK = 256 * 1024;

const ONCE: RetryOptions = { maxAttempts: 1 };

/** Invokes one function by one contract. Keep it: it keeps connections open for the next call. */
export class StreamInvoker<Contract extends StreamContract> {
  private readonly functions: FunctionFinder;
  private ownClient: OwnClient | undefined;

  /** Use {@link streamInvoker}. */
  public constructor(
    private readonly contract: Contract,
    private readonly options: StreamInvokerOptions,
  ) {
    // Checked now, so that what is wrong fails where it is written.
    checkInvokerOptions(contract, options);
    this.functions = new FunctionFinder(options);
  }

  /**
   * Invokes the function. Resolves at the response headers; the chunks are read from the stream.
   * @throws StreamError for all that goes wrong before the headers
   */
  public invoke(
    input: InferInput<Contract>,
    call: CallOptions = {},
  ): Promise<InvokedStream<InferChunk<Contract>, InferFinal<Contract>>> {
    return runCall('invoke', this.options, call, async (running) => {
      const encoded = encodeInput(this.contract, input);
      const payload = isPromise(encoded)
        ? await within(limitsOf(running), "the input schema's answer", encoded)
        : encoded;
      const address = await this.find(running);
      const commandInput = toCommandInput(address, payload, this.options.logs, running);
      const sdk = await loadClientLambda();
      const { retry = {} } = this.options;
      const command = () => new sdk.InvokeWithResponseStreamCommand(commandInput);
      const use = this.useClient(sdk, address, running);
      try {
        const response = await sendWithRetries(use.client, command, address.functionName, running, retry || ONCE);
        return this.open(response, running, use.done);
      } catch (error) {
        use.done();
        throw error;
      }
    });
  }

  /**
   * Asks Lambda whether the caller may invoke the function, without running it. Uses the operation `Invoke`, which needs
   * the same permission: the streaming operation runs the function even for a dry run.
   * @throws StreamError where that cannot be found out, for example `NOT_FOUND`
   */
  public dryRun(call: CallOptions = {}): Promise<DryRunResult> {
    return runCall('dryRun', this.options, call, async (running) => {
      const address = await this.find(running);
      const sdk = await loadClientLambda();
      const { functionName: FunctionName, qualifier: Qualifier } = address;
      const { tenantId: TenantId } = running.settings;
      const command = () => new sdk.InvokeCommand({ FunctionName, Qualifier, TenantId, InvocationType: 'DryRun' });
      // Nothing runs, so every failure may be tried again.
      const { retry = {} } = this.options;
      const retries = { ...(retry || ONCE), allowDuplicateInvocation: true };
      const use = this.useClient(sdk, address, running);
      let result: DryRunResult = { allowed: true };
      try {
        checkDryRunResponse(await sendWithRetries(use.client, command, address.functionName, running, retries));
      } catch (error) {
        result = toDryRunResult(error);
      } finally {
        use.done();
      }
      const { progress, hooks } = running;
      hooks.tell('onEnd', { requestId: progress.requestId, metrics: progress.metrics() });
      return result;
    });
  }

  /**
   * Closes the connections of the invoker's own client, once the calls and streams that are open have ended; another call
   * makes new ones. A client of yours is not touched.
   */
  public close(): void {
    this.ownClient?.close();
    this.ownClient = undefined;
  }

  private find(call: Call): FunctionAddress | Promise<FunctionAddress> {
    return this.functions.find(() => limitsOf(call));
  }

  private open(
    response: RawResponse,
    { settings, progress, hooks }: Call,
    done: () => void,
  ): InvokedStream<InferChunk<Contract>, InferFinal<Contract>> {
    const { options, contract } = this;
    const { signal, timeouts } = settings;
    const head = readHead(response);
    const { requestId, executedVersion } = head;
    progress.requestId = requestId;
    progress.headersMs = progress.elapsed();
    checkContentType(response, progress);
    const body = toByteSource(response.body, options.highWaterMark ?? HIGH_WATER_MARK);
    if (body === undefined) throw progress.error('CORRUPT', 'the HTTP handler gave no stream', { kind: 'body' });
    hooks.tell('onHeaders', { requestId, executedVersion, headersMs: progress.headersMs });
    let stopListening: (() => void) | undefined;
    const onSettled: OnSettled = (read, error) => {
      stopListening?.();
      done();
      hooks.tell('onEnd', { requestId, metrics: read.metrics(), error });
    };
    const stream = new InvokedStream<InferChunk<Contract>, InferFinal<Contract>>({
      contract,
      source: new FramePayloads(body),
      progress,
      head,
      read: { ...options, timeouts },
      hasLogTail: options.logs === 'tail',
      onSettled,
    });
    stopListening = onAbort(signal, () => stream.abort(signal?.reason));
    return stream;
  }

  private useClient(sdk: typeof ClientLambda, { region }: FunctionAddress, { settings }: Call): ClientUse {
    const { client, clientConfig } = this.options;
    if (client !== undefined) return { client, done: () => undefined };
    const { connectMs = DEFAULT_CONNECT_MS } = settings.timeouts;
    const config = { ...(region !== undefined && { region }), ...clientConfig };
    this.ownClient ??= new OwnClient(createLambdaClient(sdk, config, connectMs));
    return this.ownClient.use();
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

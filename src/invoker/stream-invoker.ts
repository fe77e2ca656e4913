/**
 * Invokes a streaming Lambda function by contract: `invoke()` resolves at the response headers with a stream of checked
 * chunks. Stands on the AWS SDK's client, yours or one that is loaded when first needed; reads the response with its own decoder.
 * https://docs.aws.amazon.com/lambda/latest/api/API_InvokeWithResponseStream.html
 */

import { isPromise } from '../base/promises';
import type { InferChunk, InferFinal, InferInput, StreamContract } from '../contract/stream-contract';
import { runCall, type StreamCall } from '../stream/call/call';
import { withRetries } from '../stream/call/retries';
import { StreamError } from '../stream/errors/stream-error';
import { toCommandInput } from './command-input';
import { type FunctionAddress, FunctionFinder } from './function-address';
import {
  checkCallOptions,
  checkInvokerOptions,
  DEFAULT_CONNECT_MS,
  type InvokeCallOptions,
  type InvokeSettings,
  type StreamInvokerOptions,
  settingsOf,
} from './invoke-options';
import type { InvokedStream } from './invoked-stream';
import { openStream } from './open-stream';
import { attempt } from './request/attempt';
import { commandsFor } from './request/commands';
import { checkDryRunResponse, type DryRunResult, toDryRunResult } from './request/dry-run';
import { loadClientLambda } from './request/load-client-lambda';
import { type ClientUse, createLambdaClient, OwnClient } from './request/own-client';
import type { Command, RawResponse } from './request/send-request';

/** Invokes one function by one contract. Keep it: it keeps connections open for the next call. */
export interface StreamInvoker<Contract extends StreamContract> {
  /**
   * Invokes the function. Resolves at the response headers; the chunks are read from the stream.
   * @throws StreamError for all that goes wrong before the headers
   */
  invoke(
    input: InferInput<Contract>,
    call?: InvokeCallOptions,
  ): Promise<InvokedStream<InferChunk<Contract>, InferFinal<Contract>>>;
  /**
   * Asks Lambda whether the caller may invoke the function, without running it. Uses the operation `Invoke`, which needs
   * the same permission: the streaming operation runs the function even for a dry run.
   * @throws StreamError where that cannot be found out, for example `NOT_FOUND`
   */
  dryRun(call?: InvokeCallOptions): Promise<DryRunResult>;
  /**
   * Ends the use of the invoker: its own client's connections are closed once the calls and streams that are open have
   * ended, and another call is an error. A client of yours is not touched.
   */
  close(): void;
}

/**
 * An invoker for the function that `options` name, speaking `contract`.
 * @throws StreamError `CONFIG_INVALID` for an option that is unknown or has a wrong value
 */
export function streamInvoker<Contract extends StreamContract>(
  contract: Contract,
  options: StreamInvokerOptions,
): StreamInvoker<Contract> {
  // Checked now, so that what is wrong fails where it is written.
  checkInvokerOptions(contract, options);
  return new LambdaInvoker(contract, options);
}

class LambdaInvoker<Contract extends StreamContract> implements StreamInvoker<Contract> {
  private readonly functions: FunctionFinder;
  private ownClient: OwnClient | undefined;
  private isClosed = false;

  public constructor(
    private readonly contract: Contract,
    private readonly options: StreamInvokerOptions,
  ) {
    this.functions = new FunctionFinder(options);
  }

  public invoke(
    input: InferInput<Contract>,
    own: InvokeCallOptions = {},
  ): Promise<InvokedStream<InferChunk<Contract>, InferFinal<Contract>>> {
    return this.run('invoke', own, async (call) => {
      const encoded = call.encode(this.contract, input);
      const payload = isPromise(encoded) ? await encoded : encoded;
      const address = await this.find(call);
      const commandInput = toCommandInput(address, payload, this.options.logs, call);
      const commands = await commandsFor(this.options.client);
      const use = await this.useClient(address, call);
      try {
        const command = () => commands.invokeWithResponseStream(commandInput);
        const response = await this.send(use, command, address, call);
        return openStream(response, this.contract, this.options, call, use.done);
      } catch (error) {
        use.done();
        throw error;
      }
    });
  }

  public dryRun(own: InvokeCallOptions = {}): Promise<DryRunResult> {
    return this.run('dryRun', own, async (call) => {
      const address = await this.find(call);
      const commands = await commandsFor(this.options.client);
      const { functionName: FunctionName, qualifier: Qualifier } = address;
      const { settings, progress, hooks } = call;
      const { tenantId: TenantId } = settings;
      const command = () => commands.invoke({ FunctionName, Qualifier, TenantId, InvocationType: 'DryRun' });
      const use = await this.useClient(address, call);
      let result: DryRunResult = { allowed: true };
      try {
        checkDryRunResponse(await this.send(use, command, address, call));
      } catch (error) {
        result = toDryRunResult(error);
      } finally {
        use.done();
      }
      hooks.tell('onEnd', { requestId: progress.requestId, metrics: progress.metrics() });
      return result;
    });
  }

  public close(): void {
    this.isClosed = true;
    this.ownClient?.close();
  }

  private run<T>(
    operation: 'invoke' | 'dryRun',
    own: InvokeCallOptions,
    work: (call: StreamCall<InvokeSettings>) => Promise<T>,
  ): Promise<T> {
    const prepare = () => {
      if (this.isClosed) throw calledAfterClose(operation);
      checkCallOptions(`${operation}()`, own);
      const settings = settingsOf(this.options, own);
      if (operation === 'invoke' || settings.retry === false) return settings;
      // Nothing runs, so every failure may be tried again.
      return { ...settings, retry: { ...settings.retry, allowDuplicateInvocation: true } };
    };
    return runCall(operation, this.options.hooks, prepare, work);
  }

  private find(call: StreamCall): FunctionAddress | Promise<FunctionAddress> {
    return this.functions.find(() => call.limits());
  }

  /** @param command a new one for each attempt */
  private send(
    { client }: ClientUse,
    command: () => Command,
    { functionName }: FunctionAddress,
    call: StreamCall<InvokeSettings>,
  ): Promise<RawResponse> {
    const { connectMs = DEFAULT_CONNECT_MS } = call.settings.timeouts;
    const warn = (message: string) => call.hooks.warn(message);
    return withRetries(call, { functionName }, (limits) => attempt(client, command(), { connectMs, warn, ...limits }));
  }

  private async useClient({ region }: FunctionAddress, { settings }: StreamCall<InvokeSettings>): Promise<ClientUse> {
    const { client, clientConfig } = this.options;
    if (client !== undefined) return { client, done: () => undefined };
    const { connectMs = DEFAULT_CONNECT_MS } = settings.timeouts;
    const config = { ...(region !== undefined && { region }), ...clientConfig };
    const sdk = await loadClientLambda();
    this.ownClient ??= new OwnClient(createLambdaClient(sdk, config, connectMs));
    const use = this.ownClient.use();
    // For a call that was waiting for something else when the invoker was closed.
    if (this.isClosed) this.ownClient.close();
    return use;
  }
}

function calledAfterClose(operation: string): StreamError {
  const message = `${operation}() was called after close(): close the invoker after its last call, or make another one with streamInvoker()`;
  return StreamError.of('CONFIG_INVALID', message, {}, {});
}

/**
 * An execution environment: one child process, its Runtime API and at most one invocation at a time
 * (https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html).
 */
import { existsSync } from 'node:fs';
import { type PlatformTime, realMs } from '../clock';
import type { FunctionConfiguration } from '../state';
import { ActiveInvocation, type InvocationRequest, type RunningInvocation } from './active-invocation';
import { NO_BOOTSTRAP } from './bootstrap-file';
import type { FoundNode } from './find-node';
import { exited, type FunctionFailure, initTimedOut, notStarted } from './function-failure';
import { lambdaEnvironment, logStreamName } from './lambda-environment';
import type { LogRecord } from './log-listener';
import type { ProcessReaper } from './process-reaper';
import { MARKER, ownsConnection, peakMemoryKb } from './process-tree';
import { RuntimeApi, type RuntimeResponse } from './runtime-api';
import { withoutRuntimeFrames } from './runtime-frames';
import { RuntimeProcess } from './runtime-process';
import { type RuntimeProgram, runtimeProgram } from './runtime-program';
import { SourcePlaces } from './source-places';
import { newTraceId } from './trace-id';

export interface ExecutionEnvironmentProps extends PlatformTime {
  /** Unqualified. */
  readonly functionArn: string;
  readonly configuration: FunctionConfiguration;
  readonly node: FoundNode;
  readonly initTimeoutMs: number;
  /** Beside Lambda's own variables. */
  readonly environment: Readonly<Record<string, string>>;
  readonly reaper: ProcessReaper;
  readonly onLog: (record: LogRecord) => void;
  /** An event goes to the handler. @param initMs time to load it, for the first one */
  readonly onDelivered?: (requestId: string, initMs: number | undefined) => void;
}

export class ExecutionEnvironment {
  /** Resolves when process and port are gone. */
  public readonly ended: Promise<void>;
  private process: RuntimeProcess | undefined;
  private api: RuntimeApi | undefined;
  private current: ActiveInvocation | undefined;
  private initTimer: NodeJS.Timeout | undefined;
  private pending: InvocationRequest | undefined;
  private initialized = false;
  private marksBoundaries = true;
  private readonly marker: string;
  private readonly logStreamName: string;
  private readonly sources: SourcePlaces;
  private nexts = 0;
  private boundaries = 0;
  private nextsAtDelivery = 0;
  private startedAt = 0;
  /** What ended, or will end, the environment. */
  private fatal: FunctionFailure | undefined;
  private endReason: string | undefined;
  private stopping = false;
  private markEnded: () => void = () => undefined;

  public constructor(private readonly props: ExecutionEnvironmentProps) {
    this.marker = props.reaper.newMarker();
    this.logStreamName = logStreamName(props.configuration.version);
    this.sources = new SourcePlaces(this.codeDirectories);
    this.ended = new Promise((resolve) => {
      this.markEnded = resolve;
    });
  }

  public get codeDirectories(): readonly string[] {
    const { codeDirectory, layerDirectories = [] } = this.props.configuration;
    return [codeDirectory, ...layerDirectories];
  }

  public get alive(): boolean {
    return this.endReason === undefined && this.fatal === undefined && !this.stopping;
  }

  /** Opens the port and starts the process; the function loads while the caller goes on. */
  public async start(): Promise<void> {
    const { configuration } = this.props;
    const { codeDirectory } = configuration;
    this.startedAt = performance.now();
    if (!existsSync(codeDirectory)) return this.end(`Code directory ${codeDirectory} does not exist`);
    try {
      const program = runtimeProgram(configuration, {
        nodeExecutable: this.props.node.executable,
        initTimeoutMs: this.props.initTimeoutMs,
      });
      if (program === undefined) return await this.end(NO_BOOTSTRAP);
      this.api = await this.openRuntimeApi();
      if (this.stopping) return await this.end('Stopped');
      this.spawn(program, this.api.address);
    } catch (error) {
      await this.end('Not started');
      throw error;
    }
  }

  /** Runs one event; the environment must be idle. */
  public invoke(request: InvocationRequest): RunningInvocation {
    const { configuration } = this.props;
    const invocation = new ActiveInvocation({
      request,
      version: configuration.version,
      timeoutSeconds: configuration.timeoutSeconds,
      timeoutMs: this.timeoutMs,
      memoryMb: configuration.memoryMb,
      onMessage: (message) => this.record(request.requestId, message),
      onTimeout: () => this.process?.kill(),
      onOutputRead: () => this.process?.flushOutput(),
    });
    this.current = invocation;
    const { note } = this.props.node;
    if (!this.initialized && note !== undefined) this.record(request.requestId, note);
    void invocation.completed.then(() => {
      if (this.current === invocation) this.current = undefined;
    });
    if (this.endReason !== undefined) this.abandon(invocation, this.endReason);
    else if (this.initialized) this.deliver(request, invocation, undefined);
    else this.pending = request;
    return invocation;
  }

  /** In real time, by which handlers go. */
  private get timeoutMs(): number {
    return realMs(this.props, this.props.configuration.timeoutSeconds * 1_000);
  }

  public hasCredentials(accessKeyId: string): boolean {
    return this.props.environment['AWS_ACCESS_KEY_ID'] === accessKeyId;
  }

  /** A call of the function was refused; the app may swallow the error that it raises, so the log tells it. */
  public callRefused(call: string, message: string): void {
    this.current?.refusedCalls.push(call);
    this.logged(message);
  }

  /** Notes that a call of the function was not answered. */
  public callFailed(message: string): void {
    this.logged(message);
  }

  public async stop(): Promise<void> {
    this.stopping = true;
    this.process?.kill();
    this.api?.stop();
    await this.ended;
  }

  private openRuntimeApi(): Promise<RuntimeApi> {
    return RuntimeApi.start({
      isOwn: (peerPort, port) => {
        const pid = this.process?.pid;
        return pid !== undefined && ownsConnection(pid, peerPort, port) !== false;
      },
      onNext: () => this.idle(),
      onResponse: (requestId, response) => this.respond(requestId, response),
      onError: (requestId, failure) => this.invocation(requestId)?.reject(this.named(failure)),
      onInitError: (failure) => {
        this.fatal = this.named(failure);
      },
    });
  }

  private spawn(program: RuntimeProgram, runtimeApi: string): void {
    this.initTimer = setTimeout(() => this.initTimedOut(), this.props.initTimeoutMs);
    const { configuration, environment, reaper } = this.props;
    this.marksBoundaries = program.marksBoundaries;
    this.process = new RuntimeProcess({
      command: program.command,
      codeDirectory: configuration.codeDirectory,
      environment: {
        ...lambdaEnvironment(configuration, runtimeApi, environment, this.logStreamName),
        ...program.environment,
        [MARKER]: this.marker,
      },
      listener: {
        onLog: (message) => {
          const text = withoutRuntimeFrames(message);
          if (text !== undefined) this.logged(this.sources.named(text));
        },
        onBoundary: (maxRssKb) => this.boundary(maxRssKb),
      },
    });
    const { pid } = this.process;
    if (pid !== undefined) reaper.watch(pid);
    void this.process.ended.then(async (reason) => {
      if (pid !== undefined) reaper.release(pid);
      await reaper.sweep(this.marker);
      await this.end(reason);
    });
  }

  private idle(): void {
    clearTimeout(this.initTimer);
    this.nexts += 1;
    if (this.initialized) this.current?.idle();
    else this.loaded();
    // What the function printed before is readable by now, and read in the same turn.
    if (!this.marksBoundaries) setImmediate(() => this.boundary(peakMemoryKb(this.process?.pid ?? 0)));
  }

  private loaded(): void {
    this.initialized = true;
    const request = this.pending;
    if (request === undefined || this.current === undefined) return;
    this.pending = undefined;
    this.deliver(request, this.current, performance.now() - this.startedAt);
  }

  /** The frame travels on another pipe than the request it announces, and may be read before or after it. */
  private boundary(maxRssKb: number): void {
    this.process?.flushOutput();
    this.boundaries += 1;
    if (this.boundaries > this.nextsAtDelivery) this.current?.boundary(maxRssKb);
  }

  private deliver(request: InvocationRequest, invocation: ActiveInvocation, initMs: number | undefined): void {
    const deadline = Math.round(Date.now() + this.timeoutMs);
    const headers: Record<string, string> = {
      'Lambda-Runtime-Aws-Request-Id': request.requestId,
      'Lambda-Runtime-Deadline-Ms': String(deadline),
      'Lambda-Runtime-Invoked-Function-Arn': request.invokedFunctionArn,
      'Lambda-Runtime-Trace-Id': request.traceId ?? newTraceId(),
    };
    if (request.clientContext !== undefined) headers['Lambda-Runtime-Client-Context'] = request.clientContext;
    if (request.tenantId !== undefined) headers['Lambda-Runtime-Aws-Tenant-Id'] = request.tenantId;
    this.api?.deliver({ requestId: request.requestId, payload: request.payload, headers });
    this.nextsAtDelivery = this.nexts;
    this.props.onDelivered?.(request.requestId, initMs);
    invocation.delivered(initMs);
  }

  private respond(requestId: string, response: RuntimeResponse): void {
    const invocation = this.invocation(requestId);
    if (invocation === undefined) response.body.resume();
    else {
      const failure = () => {
        const told = response.failure();
        return told && this.named(told);
      };
      invocation.accept({ ...response, failure });
    }
  }

  private named(failure: FunctionFailure): FunctionFailure {
    return { ...failure, body: this.sources.named(failure.body) };
  }

  private invocation(requestId: string): ActiveInvocation | undefined {
    return this.current?.requestId === requestId ? this.current : undefined;
  }

  private logged(message: string): void {
    if (this.current === undefined) this.record(undefined, message);
    else this.current.logged(message);
  }

  private record(requestId: string | undefined, message: string): void {
    const { functionArn, configuration, onLog } = this.props;
    onLog({
      functionArn,
      version: configuration.version,
      logGroupName: configuration.logGroupName,
      logStreamName: this.logStreamName,
      requestId,
      message,
    });
  }

  private initTimedOut(): void {
    this.fatal = initTimedOut(this.current?.requestId ?? '-', this.props.initTimeoutMs);
    this.process?.kill();
  }

  private async end(reason: string): Promise<void> {
    clearTimeout(this.initTimer);
    this.endReason = reason;
    await this.api?.settle(() => this.current === undefined || this.current.responded);
    if (this.current !== undefined) this.abandon(this.current, reason);
    if (this.stopping) this.api?.stop();
    else await this.api?.finish();
    this.markEnded();
  }

  private abandon(invocation: ActiveInvocation, reason: string): void {
    const failure = this.process === undefined ? notStarted : exited;
    invocation.exited(failure(invocation.requestId, reason), this.fatal);
  }
}

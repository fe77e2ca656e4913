/** Keeps execution environments warm per version, starts new ones under load, and ends all of them at the end. */
import type { PlatformTime } from '../clock';
import type { FunctionConfiguration } from '../state';
import type { InvocationRequest, InvocationResult, RunningInvocation } from './active-invocation';
import { ExecutionEnvironment } from './execution-environment';
import { type FoundNode, findNode } from './find-node';
import { guardedLogListener, type LogRecord } from './log-listener';
import { ProcessReaper } from './process-reaper';
import type { RuntimeResponse } from './runtime-api';
import { hasWebAdapter } from './web-adapter';

/** How functions are run. */
export interface RuntimeOptions extends PlatformTime {
  /** Execution environments that may run at once; a further invocation is throttled. @default 100 */
  readonly maxConcurrency?: number;
  /** Milliseconds an idle execution environment is kept warm. @default 300000 */
  readonly idleMs?: number;
  /** Milliseconds a function may take to load. @default 10000 */
  readonly initTimeoutMs?: number;
  /** Receives every log line. @default - lines are kept for the log tail only */
  readonly onLog?: (record: LogRecord) => void;
  /**
   * The Node.js that runs a runtime such as `nodejs24.x`.
   * @default - the one that runs the local target, where it has the version; else one that nvm, fnm or Volta installed
   *   (`NVM_DIR`, `FNM_DIR`, `VOLTA_HOME`); else the running one all the same, which the function's log tells once
   */
  readonly nodeExecutable?: (runtime: string) => string;
}

/** Environment variables beside Lambda's own: credentials of the execution role, `AWS_ENDPOINT_URL`. */
export type EnvironmentVariables = (functionArn: string, roleArn: string) => Readonly<Record<string, string>>;

/** Who is told what happens to invocations, by their request ids. */
export interface InvocationListener {
  /** An environment is being looked for. */
  started(functionArn: string, configuration: FunctionConfiguration, request: InvocationRequest): void;
  /** The event goes to the handler. @param initMs time to load it, in a new environment */
  delivered(requestId: string, initMs: number | undefined): void;
  /** The function began to answer. */
  answered(requestId: string, response: RuntimeResponse): void;
  /** The environment is free, or dead. */
  completed(requestId: string, result: InvocationResult): void;
}

/** What an environment that is busy runs. */
interface Running {
  readonly invocation: RunningInvocation;
  readonly functionArn: string;
  readonly configuration: FunctionConfiguration;
  /** Of a caller who waits for its environment: who gets it. */
  claim: ((environment: ExecutionEnvironment | undefined) => void) | undefined;
}

interface IdleEnvironment {
  readonly environment: ExecutionEnvironment;
  readonly configuration: FunctionConfiguration;
  readonly reapTimer: NodeJS.Timeout;
}

const MAX_CONCURRENCY = 100;
const IDLE_MS = 300_000;
const INIT_TIMEOUT_MS = 10_000;
/** Why an invocation is not started, in the words of `TooManyRequestsException`. */
export type ThrottleReason = 'ConcurrentInvocationLimitExceeded' | 'ReservedFunctionConcurrentInvocationLimitExceeded';

/** Longest wait for an environment whose response is complete; its handler may still do something else. */
const FINISHING_MS = 100;

export class EnvironmentPool {
  private readonly reaper = new ProcessReaper();
  private readonly all = new Set<ExecutionEnvironment>();
  /** By function ARN and version, the most recently used last. */
  private readonly idle = new Map<string, IdleEnvironment[]>();
  /**
   * No map: V8 links the tables that a map outgrows, and by those that are old already it keeps what each held until its next
   * full collection, which is a part of every call.
   */
  private readonly running: Running[] = [];
  private busy = 0;
  /** By function ARN. */
  private readonly busyByFunction = new Map<string, number>();
  private stopped = false;

  private readonly options: Required<Omit<RuntimeOptions, 'clock' | 'nodeExecutable'>> & PlatformTime;
  private readonly findNode: (runtime: string) => FoundNode;
  /** By runtime; what was told of it once is not told again. */
  private readonly nodes = new Map<string, FoundNode>();

  public constructor(
    {
      maxConcurrency = MAX_CONCURRENCY,
      idleMs = IDLE_MS,
      initTimeoutMs = INIT_TIMEOUT_MS,
      nodeExecutable,
      clock = {},
      onLog = () => undefined,
    }: RuntimeOptions,
    private readonly variables: EnvironmentVariables,
    private readonly listener?: InvocationListener,
  ) {
    this.options = { maxConcurrency, idleMs, initTimeoutMs, clock, onLog: guardedLogListener(onLog) };
    this.findNode = nodeExecutable ? (runtime) => ({ executable: nodeExecutable(runtime) }) : findNode;
  }

  /** Has a folder removed when everything ends, also when this process is killed. */
  public removeAtEnd(folder: string): void {
    this.reaper.removeAtEnd(folder);
  }

  /** Adds a line to the log of a function that the platform would have none for. */
  public log(functionArn: string, configuration: FunctionConfiguration, requestId: string, message: string): void {
    const { version, logGroupName } = configuration;
    this.options.onLog({ functionArn, version, logGroupName, requestId, message });
  }

  /** Tells the function that has these credentials, if there is one, that its call to another service was refused. */
  public callRefused(accessKeyId: string, call: string, message: string): void {
    this.callerOf(accessKeyId)?.callRefused(call, message);
  }

  /** Puts into the log of the function that has these credentials that its call failed on the way. */
  public callFailed(accessKeyId: string, message: string): void {
    this.callerOf(accessKeyId)?.callFailed(message);
  }

  private callerOf(accessKeyId: string): ExecutionEnvironment | undefined {
    return [...this.all].find((environment) => environment.hasCredentials(accessKeyId));
  }

  /**
   * Starts an invocation, or tells why there are too many.
   * @param reserved the reserved concurrency of the function, if it has one
   */
  public async invoke(
    functionArn: string,
    configuration: FunctionConfiguration,
    request: InvocationRequest,
    reserved = Number.POSITIVE_INFINITY,
  ): Promise<RunningInvocation | ThrottleReason> {
    if (this.countOf(functionArn) - this.almostFree(functionArn) >= reserved)
      return 'ReservedFunctionConcurrentInvocationLimitExceeded';
    if (this.stopped || this.busy - this.almostFree() >= this.options.maxConcurrency)
      return 'ConcurrentInvocationLimitExceeded';
    this.count(functionArn, 1);
    this.listener?.started(functionArn, configuration, request);
    const key = `${functionArn}:${configuration.version}`;
    try {
      const environment =
        this.takeIdle(key, configuration) ??
        (await this.finishing(key, configuration)) ??
        (await this.create(functionArn, configuration));
      const invocation = environment.invoke(request);
      const running: Running = { invocation, functionArn, configuration, claim: undefined };
      this.running.push(running);
      void invocation.response.then((begun) => {
        if (begun.kind === 'body') this.listener?.answered(request.requestId, begun.response);
      });
      void invocation.completed.then((result) => {
        this.listener?.completed(request.requestId, result);
        this.running.splice(this.running.indexOf(running), 1);
        this.count(functionArn, -1);
        this.release(running, key, environment);
      });
      return invocation;
    } catch (error) {
      this.count(functionArn, -1);
      throw error;
    }
  }

  /** How many environments have answered already and are nobody's next. */
  private almostFree(functionArn?: string): number {
    const answered = this.running.filter(
      (each) =>
        each.invocation.responseDone &&
        each.claim === undefined &&
        (functionArn === undefined || each.functionArn === functionArn),
    );
    return answered.length;
  }

  private countOf(functionArn: string): number {
    return this.busyByFunction.get(functionArn) ?? 0;
  }

  private count(functionArn: string, change: 1 | -1): void {
    this.busy += change;
    this.busyByFunction.set(functionArn, this.countOf(functionArn) + change);
  }

  /** The code that environments run. */
  public codeInUse(): ReadonlySet<string> {
    return new Set([...this.all].flatMap(({ codeDirectories }) => codeDirectories));
  }

  /** Ends idle environments whose configuration is deployed no more: nobody would get them. */
  public endOutdated(deployed: ReadonlySet<FunctionConfiguration>): void {
    for (const [key, waiting] of this.idle) {
      for (const { environment, configuration, reapTimer } of waiting) {
        if (deployed.has(configuration)) continue;
        clearTimeout(reapTimer);
        this.reap(key, environment);
      }
    }
  }

  /** Ends every environment, busy or idle. */
  public async stop(): Promise<void> {
    this.stopped = true;
    for (const waiting of this.idle.values()) for (const { reapTimer } of waiting) clearTimeout(reapTimer);
    this.idle.clear();
    await Promise.all([...this.all].map((environment) => environment.stop()));
    await this.reaper.stop();
  }

  /**
   * The environment whose response is complete and that is free in a moment: a caller that invokes again right after a
   * response means the same one. Each is promised to one caller only, so that N callers never need more than N.
   */
  private async finishing(
    key: string,
    configuration: FunctionConfiguration,
  ): Promise<ExecutionEnvironment | undefined> {
    const almostFree = this.running.find(
      (each) => each.invocation.responseDone && each.configuration === configuration && each.claim === undefined,
    );
    if (almostFree === undefined) return undefined;
    const environment = await new Promise<ExecutionEnvironment | undefined>((resolve) => {
      const timer = setTimeout(() => {
        almostFree.claim = undefined;
        resolve(undefined);
      }, FINISHING_MS);
      almostFree.claim = (freed) => {
        clearTimeout(timer);
        resolve(freed);
      };
    });
    if (environment === undefined) return this.takeIdle(key, configuration);
    return environment;
  }

  private takeIdle(key: string, configuration: FunctionConfiguration): ExecutionEnvironment | undefined {
    const waiting = this.idle.get(key) ?? [];
    let candidate = waiting.pop();
    while (candidate !== undefined) {
      clearTimeout(candidate.reapTimer);
      if (candidate.environment.alive && candidate.configuration === configuration) return candidate.environment;
      // Code or configuration changed since it was started.
      void candidate.environment.stop();
      candidate = waiting.pop();
    }
    return undefined;
  }

  private async create(functionArn: string, configuration: FunctionConfiguration): Promise<ExecutionEnvironment> {
    if (this.all.size >= this.options.maxConcurrency) this.evictOldestIdle();
    const { clock, initTimeoutMs, onLog } = this.options;
    const environment = new ExecutionEnvironment({
      functionArn,
      configuration,
      clock,
      initTimeoutMs,
      onLog,
      onDelivered: (requestId, initMs) => this.listener?.delivered(requestId, initMs),
      reaper: this.reaper,
      node: this.nodeFor(configuration),
      environment: this.variables(functionArn, configuration.roleArn),
    });
    this.all.add(environment);
    void environment.ended.then(() => this.all.delete(environment));
    await environment.start();
    return environment;
  }

  /** What it notes is for handlers: a web server behind the adapter runs on what it starts itself. */
  private nodeFor(configuration: FunctionConfiguration): FoundNode {
    const { runtime } = configuration;
    const found = this.nodes.get(runtime) ?? this.findNode(runtime);
    const { executable } = found;
    const isAdapted = hasWebAdapter(configuration);
    this.nodes.set(runtime, isAdapted ? found : { executable });
    return isAdapted ? { executable } : found;
  }

  private evictOldestIdle(): void {
    for (const [key, [oldest]] of this.idle) {
      if (oldest === undefined) continue;
      clearTimeout(oldest.reapTimer);
      this.reap(key, oldest.environment);
      return;
    }
  }

  private release({ claim: promised, configuration }: Running, key: string, environment: ExecutionEnvironment): void {
    if (this.stopped || !environment.alive) {
      promised?.(undefined);
      void environment.stop();
      return;
    }
    if (promised !== undefined) {
      promised(environment);
      return;
    }
    const reapTimer = setTimeout(() => this.reap(key, environment), this.options.idleMs);
    reapTimer.unref();
    const waiting = this.idle.get(key) ?? [];
    waiting.push({ environment, configuration, reapTimer });
    this.idle.set(key, waiting);
  }

  private reap(key: string, environment: ExecutionEnvironment): void {
    const waiting = (this.idle.get(key) ?? []).filter((entry) => entry.environment !== environment);
    if (waiting.length > 0) this.idle.set(key, waiting);
    else this.idle.delete(key);
    void environment.stop();
  }
}

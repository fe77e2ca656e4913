/** Keeps execution environments warm per version, starts new ones under load, and ends all of them at the end. */
import type { FunctionConfiguration } from '../state';
import type { InvocationRequest, RunningInvocation } from './active-invocation';
import { ExecutionEnvironment } from './execution-environment';
import { guardedLogListener, type LogRecord } from './log-listener';
import { ProcessReaper } from './process-reaper';

/** How functions are run. */
export interface RuntimeOptions {
  /** Execution environments that may run at once; a further invocation is throttled. @default 100 */
  readonly maxConcurrency?: number;
  /** Milliseconds an idle execution environment is kept warm. @default 300000 */
  readonly idleMs?: number;
  /** Milliseconds a function may take to load. @default 10000 */
  readonly initTimeoutMs?: number;
  /** Receives every log line. @default - lines are kept for the log tail only */
  readonly onLog?: (record: LogRecord) => void;
  /** The Node.js that runs a runtime such as `nodejs24.x`. @default - the one that runs the local target */
  readonly nodeExecutable?: (runtime: string) => string;
}

/** Environment variables beside Lambda's own: credentials of the execution role, `AWS_ENDPOINT_URL`. */
export type EnvironmentVariables = (functionArn: string, roleArn: string) => Readonly<Record<string, string>>;

interface IdleEnvironment {
  readonly environment: ExecutionEnvironment;
  readonly configuration: FunctionConfiguration;
  readonly reapTimer: NodeJS.Timeout;
}

const MAX_CONCURRENCY = 100;
const IDLE_MS = 300_000;
const INIT_TIMEOUT_MS = 10_000;
/** Longest wait for an environment whose response is complete; its handler may still do something else. */
const FINISHING_MS = 100;

export class EnvironmentPool {
  private readonly reaper = new ProcessReaper();
  private readonly all = new Set<ExecutionEnvironment>();
  /** By function ARN and version, the most recently used last. */
  private readonly idle = new Map<string, IdleEnvironment[]>();
  private readonly running = new Map<RunningInvocation, string>();
  private busy = 0;
  private stopped = false;

  private readonly options: Required<RuntimeOptions>;

  public constructor(
    {
      maxConcurrency = MAX_CONCURRENCY,
      idleMs = IDLE_MS,
      initTimeoutMs = INIT_TIMEOUT_MS,
      nodeExecutable = () => process.execPath,
      onLog = () => undefined,
    }: RuntimeOptions,
    private readonly variables: EnvironmentVariables,
  ) {
    this.options = { maxConcurrency, idleMs, initTimeoutMs, nodeExecutable, onLog: guardedLogListener(onLog) };
  }

  /** Starts an invocation, or `undefined` when as many run as may. */
  public async invoke(
    functionArn: string,
    configuration: FunctionConfiguration,
    request: InvocationRequest,
  ): Promise<RunningInvocation | undefined> {
    const key = `${functionArn}:${configuration.version}`;
    if (!this.hasIdle(key)) await this.finishing(key);
    if (this.stopped || this.busy >= this.options.maxConcurrency) return undefined;
    this.busy += 1;
    try {
      const environment = this.takeIdle(key, configuration) ?? (await this.create(functionArn, configuration));
      const invocation = environment.invoke(request);
      this.running.set(invocation, key);
      void invocation.completed.then(() => {
        this.running.delete(invocation);
        this.release(key, configuration, environment);
      });
      return invocation;
    } catch (error) {
      this.busy -= 1;
      throw error;
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

  private hasIdle(key: string): boolean {
    return (this.idle.get(key)?.length ?? 0) > 0;
  }

  /** A caller that invokes again right after a response means the same environment, which is free in a moment. */
  private async finishing(key: string): Promise<void> {
    const almostFree = [...this.running].filter(([{ responseDone }, ofKey]) => responseDone && ofKey === key);
    if (almostFree.length === 0) return;
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, FINISHING_MS);
    });
    await Promise.race([patience, ...almostFree.map(([{ completed }]) => completed)]);
    clearTimeout(timer);
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
    const { initTimeoutMs, onLog } = this.options;
    const environment = new ExecutionEnvironment({
      functionArn,
      configuration,
      initTimeoutMs,
      onLog,
      reaper: this.reaper,
      nodeExecutable: this.options.nodeExecutable(configuration.runtime),
      environment: this.variables(functionArn, configuration.roleArn),
    });
    this.all.add(environment);
    void environment.ended.then(() => this.all.delete(environment));
    await environment.start();
    return environment;
  }

  private evictOldestIdle(): void {
    for (const [key, [oldest]] of this.idle) {
      if (oldest === undefined) continue;
      clearTimeout(oldest.reapTimer);
      this.reap(key, oldest.environment);
      return;
    }
  }

  private release(key: string, configuration: FunctionConfiguration, environment: ExecutionEnvironment): void {
    this.busy -= 1;
    if (this.stopped || !environment.alive) {
      void environment.stop();
      return;
    }
    const reapTimer = setTimeout(() => this.reap(key, environment), this.options.idleMs);
    reapTimer.unref();
    const waiting = this.idle.get(key) ?? [];
    waiting.push({ environment, configuration, reapTimer });
    this.idle.set(key, waiting);
  }

  private reap(key: string, environment: ExecutionEnvironment): void {
    const waiting = this.idle.get(key) ?? [];
    this.idle.set(
      key,
      waiting.filter((entry) => entry.environment !== environment),
    );
    void environment.stop();
  }
}

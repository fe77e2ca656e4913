/** Keeps execution environments warm per version, starts new ones under load, and ends all of them at the end. */
import type { LogRecord } from '../operations/data-plane';
import type { FunctionConfiguration } from '../state';
import type { InvocationRequest, RunningInvocation } from './active-invocation';
import { ExecutionEnvironment } from './execution-environment';
import { ProcessReaper } from './process-reaper';

export interface EnvironmentPoolProps {
  readonly maxConcurrency: number;
  readonly idleMs: number;
  readonly initTimeoutMs: number;
  readonly nodeExecutable: (runtime: string) => string;
  readonly environmentFor: (functionArn: string, roleArn: string) => Readonly<Record<string, string>>;
  readonly onLog: (record: LogRecord) => void;
}

interface IdleEnvironment {
  readonly environment: ExecutionEnvironment;
  readonly configuration: FunctionConfiguration;
  readonly reapTimer: NodeJS.Timeout;
}

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

  constructor(private readonly props: EnvironmentPoolProps) {}

  /** Starts an invocation, or `undefined` when as many run as may. */
  async invoke(
    functionArn: string,
    configuration: FunctionConfiguration,
    request: InvocationRequest,
  ): Promise<RunningInvocation | undefined> {
    const key = `${functionArn}:${configuration.version}`;
    if (!this.hasIdle(key)) await this.finishing(key);
    if (this.stopped || this.busy >= this.props.maxConcurrency) return undefined;
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
  async stop(): Promise<void> {
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
    if (this.all.size >= this.props.maxConcurrency) this.evictOldestIdle();
    const { initTimeoutMs, onLog } = this.props;
    const environment = new ExecutionEnvironment({
      functionArn,
      configuration,
      initTimeoutMs,
      onLog,
      reaper: this.reaper,
      nodeExecutable: this.props.nodeExecutable(configuration.runtime),
      environment: this.props.environmentFor(functionArn, configuration.roleArn),
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
    const reapTimer = setTimeout(() => this.reap(key, environment), this.props.idleMs);
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

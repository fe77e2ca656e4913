/** One child process with the runtime of a function: how it is started, what it prints, how it ends. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { exitReason } from './function-failure';
import { descendantsOf, endProcess } from './process-tree';
import { TELEMETRY_FD, type TelemetryListener, TelemetryParser } from './telemetry-protocol';

export interface RuntimeProcessProps {
  readonly command: readonly [executable: string, ...args: string[]];
  readonly codeDirectory: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly listener: TelemetryListener;
}

/** Milliseconds to wait for the last output of a dead process; a daemon it left behind may hold the pipes open. */
const OUTPUT_GRACE_MS = 500;

export class RuntimeProcess {
  /** Resolves with Lambda's words for the end, after everything the process printed was delivered. Never rejects. */
  public readonly ended: Promise<string>;
  private readonly child: ChildProcess;
  private readonly printed: LineSplitter[];
  private corrupt = false;
  private gone = false;

  public constructor(props: RuntimeProcessProps) {
    const [executable, ...args] = props.command;
    this.child = spawn(executable, args, {
      cwd: props.codeDirectory,
      env: props.environment,
      // stdin, stdout, stderr, telemetry, lifeline
      stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
      // Leader of its own group, so that the processes a handler starts can be ended with it.
      detached: true,
      windowsHide: true,
    });
    this.printed = [this.child.stdout, this.child.stderr].map((output) => new LineSplitter(output, props.listener));
    const telemetry = this.child.stdio[TELEMETRY_FD] as Readable | null | undefined;
    const parser = new TelemetryParser(props.listener);
    telemetry?.on('data', (bytes: Buffer) => this.parse(parser, bytes, props.listener));
    // A forgotten stop() must not keep a test runner alive; whoever waits for an answer holds a connection.
    this.child.unref();
    for (const stream of this.child.stdio) (stream as Socket | null | undefined)?.unref();
    // A lifeline that breaks with its process is how it is meant to end.
    for (const stream of this.child.stdio) stream?.on('error', () => this.kill());
    this.ended = this.watchEnd([this.child.stdout, this.child.stderr, telemetry]);
  }

  /** `undefined` when the process could not be started. */
  public get pid(): number | undefined {
    return this.child.pid;
  }

  /** Delivers what was printed without a line break at its end. */
  public flushOutput(): void {
    for (const output of this.printed) output.flush();
  }

  /** Ends the process and every process it started, those with a group of their own too. */
  public kill(): void {
    const { pid } = this.child;
    if (pid === undefined || this.gone) return;
    // Whoever ends it waits for its end.
    this.child.ref();
    const started = descendantsOf(pid);
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // No such group: already gone, or a system without process groups.
      this.child.kill('SIGKILL');
    }
    for (const id of started) endProcess(id);
  }

  private parse(parser: TelemetryParser, bytes: Buffer, listener: TelemetryListener): void {
    if (this.corrupt) return;
    try {
      parser.push(bytes);
    } catch (cause) {
      // The function wrote to a descriptor that is not its own; nothing after that can be trusted.
      this.corrupt = true;
      listener.onLog(`The local target ended this execution environment: ${(cause as Error).message}`);
      this.kill();
    }
  }

  private watchEnd(outputs: readonly (Readable | null | undefined)[]): Promise<string> {
    const closed = outputs.map((output) => new Promise<void>((resolve) => output?.once('close', resolve) ?? resolve()));
    const exit = new Promise<string>((resolve) => {
      this.child.once('exit', (code, signal) => resolve(exitReason(code, signal)));
      this.child.once('error', (error) => resolve(`Runtime could not be started: ${error.message}`));
    });
    return exit.then(async (reason) => {
      this.kill();
      this.gone = true;
      let timer: NodeJS.Timeout | undefined;
      const grace = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, OUTPUT_GRACE_MS);
      });
      await Promise.race([Promise.all(closed), grace]);
      clearTimeout(timer);
      this.flushOutput();
      for (const stream of this.child.stdio) stream?.destroy();
      return reason;
    });
  }
}

/** A longer line is cut in two, as CloudWatch Logs would; what does not end would be kept for ever. */
const MAX_LINE_LENGTH = 262_144;

/** Turns a byte stream into one log message per line. */
class LineSplitter {
  private readonly decoder = new StringDecoder('utf8');
  private rest = '';

  public constructor(
    output: Readable | null,
    private readonly listener: TelemetryListener,
  ) {
    output?.on('data', (bytes: Buffer) => this.push(this.decoder.write(bytes)));
  }

  public flush(): void {
    if (this.rest !== '') this.listener.onLog(this.rest);
    this.rest = '';
  }

  private push(text: string): void {
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines) this.listener.onLog(line);
    if (this.rest.length > MAX_LINE_LENGTH) this.flush();
  }
}

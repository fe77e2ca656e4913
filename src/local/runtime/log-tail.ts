/**
 * The log of one invocation as CloudWatch Logs shows it: START, what the function wrote, END and REPORT; and its last
 * 4 KB for `LogResult` (https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html).
 */
import { LOG_TAIL_MAX_BYTES } from '../../wire/limits';

export interface InvocationReport {
  readonly durationMs: number;
  /** Time to load the function; only for the first invocation of an execution environment. */
  readonly initMs?: number;
  readonly memoryMb: number;
  readonly maxMemoryMb: number;
  /** A handler that throws leaves no status; a runtime that dies and a timeout do. */
  readonly status?: 'timeout' | 'error';
  readonly errorType?: string;
}

export class InvocationLog {
  private recent: Buffer = Buffer.alloc(0);

  public constructor(
    private readonly requestId: string,
    private readonly version: string,
    private readonly onMessage: (message: string) => void,
  ) {}

  /** What was appended before belongs to the initialization. */
  public start(): void {
    this.append(`START RequestId: ${this.requestId} Version: ${this.version}`);
  }

  public append(message: string): void {
    const line = Buffer.from(`${message}\n`).subarray(-LOG_TAIL_MAX_BYTES);
    this.recent = Buffer.concat([this.recent.subarray(-LOG_TAIL_MAX_BYTES), line]);
    this.onMessage(message);
  }

  public finish(report: InvocationReport): void {
    this.append(`END RequestId: ${this.requestId}`);
    this.append(reportLine(this.requestId, report));
  }

  /** At most 4 KB; the cut may fall inside a character, as AWS cuts bytes. */
  public tail(): Buffer {
    return this.recent.subarray(-LOG_TAIL_MAX_BYTES);
  }
}

function reportLine(requestId: string, report: InvocationReport): string {
  const init = report.initMs === undefined ? [] : [`Init Duration: ${report.initMs.toFixed(2)} ms`];
  const status = report.status === undefined ? [''] : [`Status: ${report.status}`];
  const errorType = report.errorType === undefined ? [] : [`Error Type: ${report.errorType}`];
  return [
    `REPORT RequestId: ${requestId}`,
    `Duration: ${report.durationMs.toFixed(2)} ms`,
    `Billed Duration: ${Math.ceil(report.durationMs + (report.initMs ?? 0))} ms`,
    `Memory Size: ${report.memoryMb} MB`,
    `Max Memory Used: ${report.maxMemoryMb} MB`,
    ...init,
    ...status,
    ...errorType,
  ].join('\t');
}

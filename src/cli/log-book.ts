/** What the functions of a local target log: the last lines, and those to come. */
import type { LogRecord } from '../local/runtime/log-listener';

/** A line or more of a function's log. */
export interface LogEntry {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly functionArn: string;
  readonly requestId?: string | undefined;
  readonly message: string;
}

/** Entries that are kept. */
const KEPT = 2_000;

export class LogBook {
  private readonly entries: LogEntry[] = [];
  private readonly readers = new Set<(entry: LogEntry) => void>();

  public add({ functionArn, requestId, message }: LogRecord): void {
    const entry = { at: Date.now(), functionArn, requestId, message };
    this.entries.push(entry);
    if (this.entries.length > KEPT) this.entries.shift();
    for (const reader of this.readers) reader(entry);
  }

  public kept(): readonly LogEntry[] {
    return this.entries;
  }

  /** Calls `reader` with all that come; gives what ends that. */
  public follow(reader: (entry: LogEntry) => void): () => void {
    this.readers.add(reader);
    return () => this.readers.delete(reader);
  }
}

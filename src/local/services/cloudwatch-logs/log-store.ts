/** What functions and the platform have logged, by log group and stream, as CloudWatch Logs keeps it. */
import { systemClock } from '../../clock';
import type { LogRecord } from '../../runtime/log-listener';

/** A line of a log, and when it came. */
export interface LocalLogRecord extends LogRecord {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
}

/** As small as it can be: those that are kept, and those that were until V8 looks for them, are most of a busy target's memory. */
export class StoredEvent {
  public constructor(
    private readonly line: LogRecord,
    private readonly count: number,
    /** Milliseconds since the Unix epoch. */
    public readonly timestamp: number,
  ) {}

  public get eventId(): string {
    return String(this.count).padStart(56, '0');
  }

  public get message(): string {
    return this.line.message;
  }

  public get logStreamName(): string {
    return this.line.logStreamName ?? 'local-target';
  }

  public get functionArn(): string {
    return this.line.functionArn;
  }

  public get record(): LocalLogRecord {
    return { ...this.line, at: this.timestamp };
  }

  public isBefore(other: StoredEvent): boolean {
    return this.count < other.count;
  }
}

/** Events that are kept of each group; the oldest go first. */
const EVENTS_MAX = 10_000;

export class LogStore {
  /** In the order in which they came, by the ARN of the group. */
  private readonly groups = new Map<string, StoredEvent[]>();
  private count = 0;

  public add(line: LogRecord): void {
    const { functionArn, logGroupName, message, requestId } = line;
    const [, partition, , region, account] = functionArn.split(':');
    const arn = `arn:${partition}:logs:${region}:${account}:log-group:${logGroupName}`;
    const events = this.groups.get(arn) ?? [];
    this.groups.set(arn, events);
    if (events.length >= EVENTS_MAX) events.shift();
    this.count += 1;
    for (const text of [requestId, message]) inOnePiece(text);
    events.push(new StoredEvent(line, this.count, systemClock.now()));
  }

  /** ARNs of the groups that have events. */
  public arns(): string[] {
    return [...this.groups.keys()];
  }

  /** In the order of their arrival, of one function or of all. */
  public records(functionArn?: string): readonly LocalLogRecord[] {
    return [...this.groups.values()]
      .flat()
      .filter((event) => functionArn === undefined || event.functionArn === functionArn)
      .sort((one, other) => (one.isBefore(other) ? -1 : 1))
      .map(({ record }) => record);
  }

  public events(groupArn: string): readonly StoredEvent[] {
    return this.groups.get(groupArn) ?? [];
  }
}

/**
 * V8 keeps text that was put together as the tree of its pieces, thirty of them in a UUID, until somebody looks at a character
 * of it.
 */
function inOnePiece(text: string | undefined): void {
  text?.charCodeAt(0);
}

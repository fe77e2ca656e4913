/** What functions and the platform have logged, by log group and stream, as CloudWatch Logs keeps it. */
import { systemClock } from '../../clock';
import type { LogRecord } from '../../runtime/log-listener';

/** A line of a log, and when it came. */
export interface LocalLogRecord extends LogRecord {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
}

export interface StoredEvent {
  readonly eventId: string;
  readonly record: LocalLogRecord;
  readonly logStreamName: string;
  /** Milliseconds since the Unix epoch. */
  readonly timestamp: number;
  readonly message: string;
}

/** Events that are kept of each group; the oldest go first. */
const EVENTS_MAX = 10_000;

export class LogStore {
  /** In the order in which they came, by the ARN of the group. */
  private readonly groups = new Map<string, StoredEvent[]>();
  private count = 0;

  public add(line: LogRecord): void {
    const { functionArn, logGroupName, logStreamName = 'local-target', message } = line;
    const [, partition, , region, account] = functionArn.split(':');
    const arn = `arn:${partition}:logs:${region}:${account}:log-group:${logGroupName}`;
    const events = this.groups.get(arn) ?? [];
    this.groups.set(arn, events);
    if (events.length >= EVENTS_MAX) events.shift();
    this.count += 1;
    const eventId = String(this.count).padStart(56, '0');
    const timestamp = systemClock.now();
    events.push({ eventId, logStreamName, timestamp, message, record: { ...line, at: timestamp } });
  }

  /** ARNs of the groups that have events. */
  public arns(): string[] {
    return [...this.groups.keys()];
  }

  /** In the order of their arrival, of one function or of all. */
  public records(functionArn?: string): readonly LocalLogRecord[] {
    return [...this.groups.values()]
      .flat()
      .filter(({ record }) => functionArn === undefined || record.functionArn === functionArn)
      .sort((one, other) => (one.eventId < other.eventId ? -1 : 1))
      .map(({ record }) => record);
  }

  public events(groupArn: string): readonly StoredEvent[] {
    return this.groups.get(groupArn) ?? [];
  }
}

/** What functions and the platform have logged, by log group and stream, as CloudWatch Logs keeps it. */
import { systemClock } from '../../clock';
import type { LogRecord } from '../../runtime/log-listener';

export interface StoredEvent {
  readonly eventId: string;
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

  public add({ functionArn, logGroupName, logStreamName = 'local-target', message }: LogRecord): void {
    const [, partition, , region, account] = functionArn.split(':');
    const arn = `arn:${partition}:logs:${region}:${account}:log-group:${logGroupName}`;
    const events = this.groups.get(arn) ?? [];
    this.groups.set(arn, events);
    if (events.length >= EVENTS_MAX) events.shift();
    this.count += 1;
    const eventId = String(this.count).padStart(56, '0');
    events.push({ eventId, logStreamName, timestamp: systemClock.now(), message });
  }

  /** ARNs of the groups that have events. */
  public arns(): string[] {
    return [...this.groups.keys()];
  }

  public events(groupArn: string): readonly StoredEvent[] {
    return this.groups.get(groupArn) ?? [];
  }
}

/** Defines the alarms a streaming function needs: failing, refused, nearly too slow, nearly out of concurrency. */
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Duration, Token } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { cfnFunction, functionTimeout, type InvokedFunction, invokedFunction } from './facts/invoked-function';
import { handlerMetric, lambdaMetric } from './monitoring/metrics';
import { StreamingConstructError } from './problems/construct-error';

/**
 * Where a function's stream metrics are.
 *
 * A handler with the option `metrics: embeddedMetrics({ namespace })` of `cdk-lambda-streaming/handler` writes there for each
 * stream: TimeToFirstByte and Duration in milliseconds, Bytes, Chunks, and Failures (1 where it did not end well).
 * Give the same namespace and dimensions here.
 */
export interface HandlerMetricsSource {
  /** The CloudWatch namespace that the handler writes to. */
  readonly namespace: string;

  /**
   * The dimensions that the handler writes, each a name with its value.
   *
   * @default - none, as in the handler
   */
  readonly dimensions?: { [name: string]: string };
}

/** When the alarms of a streaming function go off, and what they do then. */
export interface StreamingAlarmsOptions {
  /**
   * What happens when an alarm goes off, for example a message to a topic.
   *
   * @default - the alarm changes its state, nobody is told
   */
  readonly actions?: cloudwatch.IAlarmAction[];

  /**
   * Failed invokes within one period that are too many.
   *
   * @default 1
   */
  readonly errors?: number;

  /**
   * Refused invokes (status 429) within one period that are too many.
   *
   * @default 1
   */
  readonly throttles?: number;

  /**
   * Share of the function's timeout, in percent, that the slowest 1% of streams may take.
   *
   * A stream that meets its timeout is cut, and looks complete to a caller that does not check its end.
   *
   * @default 80
   */
  readonly durationPercent?: number;

  /**
   * Streams at a time that are too many.
   *
   * Streams hold a concurrent execution as long as they are open, so they run out of it sooner than short invokes.
   *
   * @default - 80% of the function's reserved concurrency; no such alarm where none is reserved
   */
  readonly concurrentStreams?: number;

  /**
   * Where the function's handler writes its stream metrics.
   *
   * Adds alarms on streams that failed, also where Lambda saw no error, and on the time to the first byte.
   *
   * @default - the metrics of Lambda only
   */
  readonly handlerMetrics?: HandlerMetricsSource;

  /**
   * Time to the first byte that is too long, for the slowest 1% of streams.
   *
   * Needs `handlerMetrics`.
   *
   * @default Duration.seconds(5)
   */
  readonly timeToFirstByte?: Duration;

  /**
   * The time over which an alarm counts.
   *
   * @default Duration.minutes(5)
   */
  readonly period?: Duration;
}

/** Properties of the alarms of a streaming function. */
export interface StreamingAlarmsProps extends StreamingAlarmsOptions {
  /** What callers invoke: an alias, or a streaming function, which is watched by its live alias. */
  readonly function: lambda.IFunction;
}

/**
 * The alarms of one streaming function, on the metrics of the alias that callers invoke.
 *
 * @example
 *
 * declare const alias: lambda.Alias;
 * const alarms = new StreamingAlarms(this, 'Alarms', { function: alias });
 * alarms.errors.addAlarmAction(new actions.SnsAction(new sns.Topic(this, 'OnCall')));
 */
export class StreamingAlarms extends Construct {
  /** Goes off when invokes fail, before or in the middle of the stream. */
  public readonly errors: cloudwatch.Alarm;

  /** Goes off when callers are refused for lack of concurrency. */
  public readonly throttles: cloudwatch.Alarm;

  /** Goes off when streams come near the function's timeout; undefined where the timeout is not known here. */
  public readonly duration?: cloudwatch.Alarm;

  /** Goes off when streams come near the concurrency limit; undefined where no limit is known here. */
  public readonly concurrency?: cloudwatch.Alarm;

  /** Goes off when the handler reports streams that did not end well; undefined without `handlerMetrics`. */
  public readonly failedStreams?: cloudwatch.Alarm;

  /** Goes off when first bytes come late; undefined without `handlerMetrics`. */
  public readonly timeToFirstByte?: cloudwatch.Alarm;

  /** All of the alarms. */
  public readonly all: cloudwatch.Alarm[];

  private readonly callee: InvokedFunction;
  private readonly period: Duration;

  /** Throws where a threshold cannot be one: below 1, or a percentage above 100. */
  constructor(scope: Construct, id: string, props: StreamingAlarmsProps) {
    super(scope, id);
    checkThresholds(this, props);
    this.callee = invokedFunction(props.function);
    this.period = props.period ?? Duration.minutes(5);
    const metric = (name: string, statistic: string) => lambdaMetric(this.callee, name, statistic, this.period);
    this.errors = this.alarm('Errors', metric('Errors', 'Sum'), props.errors ?? 1, 'invokes fail');
    this.throttles = this.alarm(
      'Throttles',
      metric('Throttles', 'Sum'),
      props.throttles ?? 1,
      'invokes are refused for lack of concurrency',
    );
    this.duration = this.durationAlarm(metric('Duration', 'p99'), props.durationPercent ?? 80);
    this.concurrency = this.concurrencyAlarm(metric('ConcurrentExecutions', 'Maximum'), props.concurrentStreams);
    if (props.handlerMetrics) {
      this.failedStreams = this.failedAlarm(props.handlerMetrics, props.errors ?? 1);
      this.timeToFirstByte = this.firstByteAlarm(props.handlerMetrics, props.timeToFirstByte ?? Duration.seconds(5));
    }
    this.all = [
      this.errors,
      this.throttles,
      this.duration,
      this.concurrency,
      this.failedStreams,
      this.timeToFirstByte,
    ].filter((alarm) => alarm !== undefined);
    for (const alarm of this.all) alarm.addAlarmAction(...(props.actions ?? []));
  }

  private durationAlarm(metric: cloudwatch.Metric, percent: number): cloudwatch.Alarm | undefined {
    const timeout = functionTimeout(this.callee.behind);
    if (!timeout) return undefined;
    const threshold = Math.round((timeout.toMilliseconds() * percent) / 100);
    const what = `streams take ${percent}% of the ${timeout.toHumanString()} after which they are cut`;
    return this.alarm('Duration', metric, threshold, what);
  }

  private concurrencyAlarm(metric: cloudwatch.Metric, limit: number | undefined): cloudwatch.Alarm | undefined {
    const threshold = limit ?? shareOf(cfnFunction(this.callee.behind)?.reservedConcurrentExecutions);
    if (threshold === undefined) return undefined;
    return this.alarm('Concurrency', metric, threshold, 'so many are open at a time that callers will soon be refused');
  }

  private failedAlarm(source: HandlerMetricsSource, threshold: number): cloudwatch.Alarm {
    const metric = handlerMetric(source, 'Failures', 'Sum', this.period);
    return this.alarm('FailedStreams', metric, threshold, 'the handler reports streams that did not end well');
  }

  private firstByteAlarm(source: HandlerMetricsSource, limit: Duration): cloudwatch.Alarm {
    const metric = handlerMetric(source, 'TimeToFirstByte', 'p99', this.period);
    return this.alarm('TimeToFirstByte', metric, limit.toMilliseconds(), `first bytes take ${limit.toHumanString()}`);
  }

  private alarm(id: string, metric: cloudwatch.Metric, threshold: number, what: string): cloudwatch.Alarm {
    const { behind, qualifier } = this.callee;
    return new cloudwatch.Alarm(this, id, {
      alarmDescription: `Streams of ${behind.node.path}${qualifier ? ` (${qualifier})` : ''}: ${what}`,
      metric,
      threshold,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
  }
}

/** Part of the reserved concurrency at which the alarm goes off. */
const RESERVED_SHARE = 0.8;

function shareOf(reserved: number | undefined): number | undefined {
  if (!reserved || Token.isUnresolved(reserved)) return undefined;
  return Math.max(1, Math.floor(reserved * RESERVED_SHARE));
}

function checkThresholds(scope: Construct, props: StreamingAlarmsProps): void {
  if (props.timeToFirstByte && !props.handlerMetrics) {
    throw new StreamingConstructError(
      scope,
      'AlarmWithoutMetrics',
      'timeToFirstByte is measured by the handler, and nothing says where it writes its metrics; add handlerMetrics: { namespace }, or remove timeToFirstByte',
    );
  }
  const { errors, throttles, concurrentStreams, durationPercent } = props;
  for (const [name, value] of Object.entries({ errors, throttles, concurrentStreams, durationPercent })) {
    const most = name === 'durationPercent' ? 100 : Number.POSITIVE_INFINITY;
    const isLate = Token.isUnresolved(value) && name !== 'durationPercent'; // a share of a timeout is computed here
    if (value === undefined || isLate || (value >= 1 && value <= most)) continue;
    const allowed = most === 100 ? 'a plain number from 1 to 100' : '1 or more';
    throw new StreamingConstructError(
      scope,
      'AlarmThreshold',
      `${name} must be ${allowed}, got ${value}; omit it for the default`,
    );
  }
}

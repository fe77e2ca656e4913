/** Defines the alarms a streaming function needs: failing, refused, nearly too slow, nearly out of concurrency. */
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Duration, Token } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { ANYTHING } from '../base/option-problem';
import { cfnFunction, functionTimeout, type InvokedFunction, invokedFunction } from './facts/invoked-function';
import { warnAboutLogClass } from './monitoring/log-class';
import { handlerMetric, lambdaMetric } from './monitoring/metrics';
import { type CheckedProps, checkProps, DURATION, having, LIST, NUMBER } from './problems/check-props';
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
  readonly dimensions?: { [name: string]: string } | undefined;
}

/** When the alarms of a streaming function go off, and what they do then. */
export interface StreamingAlarmsOptions {
  /**
   * What happens when an alarm goes off, for example a message to a topic.
   *
   * @default - the alarm changes its state, nobody is told
   */
  readonly actions?: cloudwatch.IAlarmAction[] | undefined;

  /**
   * Failed invokes within one period that are too many.
   *
   * @default 1
   */
  readonly errors?: number | undefined;

  /**
   * Refused invokes (status 429) within one period that are too many.
   *
   * @default 1
   */
  readonly throttles?: number | undefined;

  /**
   * Share of the function's timeout, in percent, that the slowest 1% of streams may take.
   *
   * A stream that meets its timeout is cut, and looks complete to a caller that does not check its end.
   *
   * @default 80
   */
  readonly durationPercent?: number | undefined;

  /**
   * Streams at a time that are too many.
   *
   * Streams hold a concurrent execution as long as they are open, so they run out of it sooner than short invokes.
   *
   * @default - 80% of the function's reserved concurrency; no such alarm where none is reserved
   */
  readonly concurrentStreams?: number | undefined;

  /**
   * Where the function's handler writes its stream metrics.
   *
   * Adds alarms on streams that failed, also where Lambda saw no error, and on the time to the first byte.
   *
   * @default - the metrics of Lambda only
   */
  readonly handlerMetrics?: HandlerMetricsSource | undefined;

  /**
   * Time to the first byte that is too long, for the slowest 1% of streams.
   *
   * Needs `handlerMetrics`.
   *
   * @default Duration.seconds(5)
   */
  readonly timeToFirstByte?: Duration | undefined;

  /**
   * The time over which an alarm counts.
   *
   * @default Duration.minutes(5)
   */
  readonly period?: Duration | undefined;
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
  private readonly callee: InvokedFunction;
  private readonly alarms = new Map<string, cloudwatch.Alarm>();

  /**
   * Defines the alarms.
   *
   * @throws an error where a threshold is below 1, or a percentage above 100
   */
  public constructor(scope: Construct, id: string, props: StreamingAlarmsProps) {
    checkProps(scope, id, props, ALARMS_PROPS);
    super(scope, id);
    this.callee = invokedFunction(props.function);
    this._configure(props);
  }

  /** Goes off when invokes fail, before or in the middle of the stream. */
  public get errors(): cloudwatch.Alarm {
    return this.node.findChild('Errors') as cloudwatch.Alarm;
  }

  /** Goes off when callers are refused for lack of concurrency. */
  public get throttles(): cloudwatch.Alarm {
    return this.node.findChild('Throttles') as cloudwatch.Alarm;
  }

  /** Goes off when streams come near the function's timeout; undefined where the timeout is not known here. */
  public get duration(): cloudwatch.Alarm | undefined {
    return this.alarms.get('Duration');
  }

  /** Goes off when streams come near the concurrency limit; undefined where no limit is known here. */
  public get concurrency(): cloudwatch.Alarm | undefined {
    return this.alarms.get('Concurrency');
  }

  /** Goes off when the handler reports streams that did not end well; undefined without `handlerMetrics`. */
  public get failedStreams(): cloudwatch.Alarm | undefined {
    return this.alarms.get('FailedStreams');
  }

  /** Goes off when first bytes come late; undefined without `handlerMetrics`. */
  public get timeToFirstByte(): cloudwatch.Alarm | undefined {
    return this.alarms.get('TimeToFirstByte');
  }

  /** All of the alarms. */
  public get all(): cloudwatch.Alarm[] {
    return [...this.alarms.values()];
  }

  /**
   * Sets thresholds and actions, and defines the alarms that are not there yet.
   *
   * @returns the alarms that are new
   * @internal
   */
  public _configure(options: StreamingAlarmsOptions): cloudwatch.Alarm[] {
    checkThresholds(this, options);
    const before = new Set(this.all);
    for (const limit of this.limits(options)) this.watch(limit);
    for (const alarm of this.all) alarm.addAlarmAction(...(options.actions ?? []));
    if (options.handlerMetrics) warnAboutLogClass(this, this.callee.behind);
    return this.all.filter((alarm) => !before.has(alarm));
  }

  private limits(options: StreamingAlarmsOptions): Limit[] {
    const { handlerMetrics: source, period = Duration.minutes(5), errors = 1, throttles = 1 } = options;
    const { behind } = this.callee;
    const lambda = (name: string, statistic: string) => lambdaMetric(this.callee, name, statistic, period);
    const limits: Limit[] = [
      { id: 'Errors', metric: lambda('Errors', 'Sum'), threshold: errors, what: 'invokes fail' },
      {
        id: 'Throttles',
        metric: lambda('Throttles', 'Sum'),
        threshold: throttles,
        what: 'invokes are refused for lack of concurrency',
      },
    ];
    const timeout = functionTimeout(behind);
    if (timeout) {
      const percent = options.durationPercent ?? 80;
      const threshold = Math.round((timeout.toMilliseconds() * percent) / 100);
      const what = `streams take ${percent}% of the ${timeout.toHumanString()} after which they are cut`;
      limits.push({ id: 'Duration', metric: lambda('Duration', 'p99'), threshold, what });
    }
    const most = options.concurrentStreams ?? shareOf(cfnFunction(behind)?.reservedConcurrentExecutions);
    if (most !== undefined) {
      const what = 'so many are open at a time that callers will soon be refused';
      limits.push({ id: 'Concurrency', metric: lambda('ConcurrentExecutions', 'Maximum'), threshold: most, what });
    }
    if (!source) return limits;
    const late = options.timeToFirstByte ?? Duration.seconds(5);
    return [
      ...limits,
      {
        id: 'FailedStreams',
        metric: handlerMetric(source, 'Failures', 'Sum', period),
        threshold: errors,
        what: 'the handler reports streams that did not end well',
      },
      {
        id: 'TimeToFirstByte',
        metric: handlerMetric(source, 'TimeToFirstByte', 'p99', period),
        threshold: late.toMilliseconds(),
        what: `first bytes take ${late.toHumanString()}`,
      },
    ];
  }

  private watch({ id, metric, threshold, what }: Limit): void {
    const { behind, qualifier } = this.callee;
    const alarmDescription = `Streams of ${behind.node.path}${qualifier ? ` (${qualifier})` : ''}: ${what}`;
    const existing = this.alarms.get(id)?.node.defaultChild as cloudwatch.CfnAlarm | undefined;
    if (existing) {
      existing.threshold = threshold;
      existing.period = metric.period.toSeconds();
      existing.alarmDescription = alarmDescription;
      return;
    }
    const alarm = new cloudwatch.Alarm(this, id, {
      alarmDescription,
      metric,
      threshold,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
    this.alarms.set(id, alarm);
  }
}

interface Limit {
  readonly id: string;
  readonly metric: cloudwatch.Metric;
  readonly threshold: number;
  /** What happens at the threshold, for the description. */
  readonly what: string;
}

const ALARMS_PROPS: CheckedProps = {
  noun: 'properties of the alarms',
  required: { function: 'fn.liveAlias' },
  rules: {
    function: ANYTHING,
    actions: LIST,
    errors: NUMBER,
    throttles: NUMBER,
    durationPercent: NUMBER,
    concurrentStreams: NUMBER,
    handlerMetrics: having('namespace', "an object with a namespace, such as { namespace: 'Chat' }"),
    timeToFirstByte: DURATION,
    period: DURATION,
  },
};

/** Part of the reserved concurrency at which the alarm goes off. */
const RESERVED_SHARE = 0.8;

function shareOf(reserved: number | undefined): number | undefined {
  if (!reserved || Token.isUnresolved(reserved)) return undefined;
  return Math.max(1, Math.floor(reserved * RESERVED_SHARE));
}

function checkThresholds(scope: Construct, props: StreamingAlarmsOptions): void {
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

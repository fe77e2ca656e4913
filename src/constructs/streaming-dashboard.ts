/** Defines a dashboard of streaming functions: how many streams, how many fail, how long they take, how many at a time. */
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Duration } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { type InvokedFunction, invokedFunction } from './facts/invoked-function';
import { type HandlerMetricName, handlerMetric, lambdaMetric } from './monitoring/metrics';
import { type CheckedProps, checkProps, DURATION, LIST, TEXT } from './problems/check-props';
import type { HandlerMetricsSource, StreamingAlarms } from './streaming-alarms';

/** Properties of a dashboard of streaming functions. */
export interface StreamingDashboardProps {
  /** What callers invoke: aliases, or streaming functions, which are shown by their live alias. Each gets a row. */
  readonly functions: lambda.IFunction[];

  /**
   * Alarms whose states head the dashboard.
   *
   * @default - no alarm states
   */
  readonly alarms?: StreamingAlarms[] | undefined;

  /**
   * Stream metrics that handlers write; each gets a row.
   *
   * @default - none
   */
  readonly handlerMetrics?: HandlerMetricsSource[] | undefined;

  /**
   * The time one point of a graph stands for.
   *
   * @default Duration.minutes(1)
   */
  readonly period?: Duration | undefined;

  /**
   * The dashboard's name, unique in the account's region.
   *
   * @default - CloudFormation chooses one
   */
  readonly dashboardName?: string | undefined;
}

const COLUMN_WIDTH = 6;

/**
 * A dashboard with a row for each streaming function.
 *
 * @example
 *
 * declare const chat: lambda.Alias;
 * declare const search: lambda.Alias;
 * new StreamingDashboard(this, 'Dashboard', { functions: [chat, search] });
 */
export class StreamingDashboard extends Construct {
  /** The dashboard, for widgets of your own. */
  public readonly dashboard: cloudwatch.Dashboard;

  private readonly period: Duration;

  public constructor(scope: Construct, id: string, props: StreamingDashboardProps) {
    checkProps(scope, id, props, DASHBOARD_PROPS);
    super(scope, id);
    this.period = props.period ?? Duration.minutes(1);
    this.dashboard = new cloudwatch.Dashboard(this, 'Resource', { dashboardName: props.dashboardName });
    const alarms = props.alarms?.flatMap((set) => set.all) ?? [];
    if (alarms.length > 0) {
      this.dashboard.addWidgets(new cloudwatch.AlarmStatusWidget({ title: 'Alarms', alarms, width: 4 * COLUMN_WIDTH }));
    }
    for (const fn of props.functions) this.addFunctionRow(invokedFunction(fn));
    for (const source of props.handlerMetrics ?? []) this.addStreamRow(source);
  }

  private addFunctionRow(callee: InvokedFunction): void {
    const metric = (name: string, statistic: string) => lambdaMetric(callee, name, statistic, this.period);
    const name = callee.behind.node.path;
    this.dashboard.addWidgets(
      graph(`${name}: streams`, metric('Invocations', 'Sum')),
      graph(`${name}: failed and refused`, metric('Errors', 'Sum'), metric('Throttles', 'Sum')),
      graph(`${name}: duration`, metric('Duration', 'p50'), metric('Duration', 'p99'), metric('Duration', 'Maximum')),
      graph(`${name}: at a time`, metric('ConcurrentExecutions', 'Maximum')),
    );
  }

  private addStreamRow(source: HandlerMetricsSource): void {
    const metric = (name: HandlerMetricName, statistic: string) => handlerMetric(source, name, statistic, this.period);
    const name = [source.namespace, ...Object.values(source.dimensions ?? {})].join(' ');
    this.dashboard.addWidgets(
      graph(`${name}: time to first byte`, metric('TimeToFirstByte', 'p50'), metric('TimeToFirstByte', 'p99')),
      graph(`${name}: streams that did not end well`, metric('Failures', 'Sum')),
      graph(`${name}: bytes of a stream`, metric('Bytes', 'p50'), metric('Bytes', 'Maximum')),
      graph(`${name}: chunks of a stream`, metric('Chunks', 'p50'), metric('Chunks', 'Maximum')),
    );
  }
}

function graph(title: string, ...left: cloudwatch.IMetric[]): cloudwatch.GraphWidget {
  return new cloudwatch.GraphWidget({ title, left, width: COLUMN_WIDTH, leftYAxis: { min: 0 } });
}

const DASHBOARD_PROPS: CheckedProps = {
  noun: 'properties of the dashboard',
  required: { functions: '[fn]' },
  rules: { functions: LIST, alarms: LIST, handlerMetrics: LIST, period: DURATION, dashboardName: TEXT },
};

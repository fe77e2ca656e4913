import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as codedeploy from 'aws-cdk-lib/aws-codedeploy';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sns from 'aws-cdk-lib/aws-sns';
import { App, CfnParameter, Duration, Lazy, Stack } from 'aws-cdk-lib/core';
import {
  StreamingAlarms,
  type StreamingAlarmsOptions,
  type StreamingAliasOptions,
  StreamingFunction,
} from 'cdk-lambda-streaming';
import { embeddedMetrics } from '../../src/handler/embedded-metrics';
import { CODE, errorOf, FrontEndStack } from './support/front-end-stack';

const FN = { Ref: Match.stringLikeRegexp('^Fn') };
const ALIAS_DIMENSIONS = [
  { Name: 'FunctionName', Value: FN },
  { Name: 'Resource', Value: { 'Fn::Join': ['', [FN, ':live']] } },
];

describe('StreamingAlarms', () => {
  test('watches errors, throttles and duration of the alias, and stays calm without data', () => {
    const stack = new FrontEndStack();
    new StreamingAlarms(stack, 'Alarms', { function: stack.alias });
    const common = {
      Namespace: 'AWS/Lambda',
      Dimensions: ALIAS_DIMENSIONS,
      TreatMissingData: 'notBreaching',
      Period: 300,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    };
    stack.template.resourceCountIs('AWS::CloudWatch::Alarm', 3);
    stack.template.hasResourceProperties('AWS::CloudWatch::Alarm', { ...common, MetricName: 'Errors', Threshold: 1 });
    stack.template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      ...common,
      MetricName: 'Throttles',
      Threshold: 1,
    });
    stack.template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      ...common,
      MetricName: 'Duration',
      ExtendedStatistic: 'p99',
      Threshold: 96_000, // 80% of two minutes
    });
  });

  test('watches concurrency where a limit is known: reserved, or said', () => {
    const reserved = new FrontEndStack({ reservedConcurrentExecutions: 50 });
    new StreamingAlarms(reserved, 'Alarms', { function: reserved.alias });
    const concurrency = { MetricName: 'ConcurrentExecutions', Statistic: 'Maximum' };
    reserved.template.hasResourceProperties('AWS::CloudWatch::Alarm', { ...concurrency, Threshold: 40 });

    const said = new FrontEndStack();
    new StreamingAlarms(said, 'Alarms', { function: said.alias, concurrentStreams: 7 });
    said.template.hasResourceProperties('AWS::CloudWatch::Alarm', { ...concurrency, Threshold: 7 });
  });

  test('takes thresholds, a period and actions', () => {
    const stack = new FrontEndStack();
    const topic = new actions.SnsAction(new sns.Topic(stack, 'OnCall'));
    const { all } = new StreamingAlarms(stack, 'Alarms', {
      function: stack.alias,
      errors: 5,
      durationPercent: 50,
      period: Duration.minutes(1),
      actions: [topic],
    });
    expect(all).toHaveLength(3);
    stack.template.allResourcesProperties('AWS::CloudWatch::Alarm', {
      Period: 60,
      AlarmActions: [{ Ref: Match.stringLikeRegexp('^OnCall') }],
    });
    stack.template.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'Errors', Threshold: 5 });
    stack.template.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'Duration', Threshold: 60_000 });
  });

  test('leaves the duration out where the timeout is not known: an imported alias', () => {
    const stack = new FrontEndStack();
    const arn = 'arn:aws:lambda:eu-west-1:111111111111:function:Other:prod';
    const alarms = new StreamingAlarms(stack, 'Alarms', { function: lambda.Function.fromFunctionArn(stack, 'I', arn) });
    expect(alarms.duration).toBeUndefined();
    stack.template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Dimensions: [
        { Name: 'FunctionName', Value: 'Other' },
        { Name: 'Resource', Value: 'Other:prod' },
      ],
    });
  });

  test('takes thresholds that only the deployment knows, and guesses none from such a limit', () => {
    const app = new App();
    const stack = new FrontEndStack({ reservedConcurrentExecutions: Lazy.number({ produce: () => 50 }) }, app);
    const errors = new CfnParameter(stack, 'Errors', { type: 'Number' }).valueAsNumber;
    const alarms = new StreamingAlarms(stack, 'Alarms', { function: stack.alias, errors });
    expect(alarms.concurrency).toBeUndefined();
    stack.template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'Errors',
      Threshold: { Ref: 'Errors' },
    });
  });

  test('watches an unqualified function by its name alone', () => {
    const stack = new FrontEndStack();
    new StreamingAlarms(stack, 'Alarms', { function: stack.fn });
    stack.template.allResourcesProperties('AWS::CloudWatch::Alarm', {
      Dimensions: [{ Name: 'FunctionName', Value: FN }],
    });
  });

  test('watches what the handler measures, where it is told where', () => {
    const stack = new FrontEndStack();
    const handlerMetrics = { namespace: 'Chat', dimensions: { Service: 'chat' } };
    const { all } = new StreamingAlarms(stack, 'Alarms', { function: stack.alias, handlerMetrics });
    expect(all).toHaveLength(5);
    const common = { Namespace: 'Chat', Dimensions: [{ Name: 'Service', Value: 'chat' }] };
    stack.template.hasResourceProperties('AWS::CloudWatch::Alarm', { ...common, MetricName: 'Failures', Threshold: 1 });
    stack.template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      ...common,
      MetricName: 'TimeToFirstByte',
      ExtendedStatistic: 'p99',
      Threshold: 5000,
    });
  });

  test('watches metrics that the handler really writes, in its unit and under its dimensions', () => {
    const where = { namespace: 'Chat', dimensions: { Service: 'chat' } };
    const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
    const measured = { startedAt: 0, firstByteAt: 7, endedAt: 9, bytes: 1, chunks: 1, requestId: undefined };
    embeddedMetrics(where)({ outcome: 'complete', ...measured });
    const line = JSON.parse(String(write.mock.calls[0]?.[0]));
    write.mockRestore();
    const [directive] = line._aws.CloudWatchMetrics;

    const stack = new FrontEndStack();
    const alarms = new StreamingAlarms(stack, 'Alarms', { function: stack.alias, handlerMetrics: where });
    for (const { metric } of [alarms.failedStreams, alarms.timeToFirstByte] as cloudwatch.Alarm[]) {
      const { namespace, metricName, dimensions } = metric as cloudwatch.Metric;
      expect(directive.Namespace).toBe(namespace);
      expect(directive.Dimensions).toEqual([Object.keys(dimensions ?? {})]);
      expect(directive.Metrics.map(({ Name }: { Name: string }) => Name)).toContain(metricName);
    }
    expect(directive.Metrics).toContainEqual({ Name: 'TimeToFirstByte', Unit: 'Milliseconds' });
  });

  test('fails with a limit for the first byte that nobody measures', () => {
    const stack = new FrontEndStack();
    const props = { function: stack.alias, timeToFirstByte: Duration.seconds(1) };
    expect(errorOf(() => new StreamingAlarms(stack, 'Alarms', props)).code).toBe('AlarmWithoutMetrics');
  });

  test.each([
    { errors: 0 },
    { throttles: -1 },
    { durationPercent: 101 },
    { durationPercent: Lazy.number({ produce: () => 50 }) },
    { concurrentStreams: 0 },
  ])('fails with %p', (options) => {
    const stack = new FrontEndStack();
    const { code, message } = errorOf(
      () => new StreamingAlarms(stack, 'Alarms', { function: stack.alias, ...options }),
    );
    expect(code).toBe('AlarmThreshold');
    expect(message).toContain(Object.keys(options)[0]);
  });
});

describe('addMonitoring() of a function with a gradual deployment', () => {
  const CANARY = { deploymentConfig: codedeploy.LambdaDeploymentConfig.CANARY_10PERCENT_5MINUTES };

  function monitored(options: StreamingAlarmsOptions = {}, liveAliasOptions: StreamingAliasOptions = CANARY) {
    const stack = new Stack(new App(), 'S');
    const fn = new StreamingFunction(stack, 'Chat', { code: CODE, liveAliasOptions });
    return { stack, alarms: fn.addMonitoring(options), template: Template.fromStack(stack) };
  }

  const metricsOf = (template: Template) =>
    Object.values(template.findResources('AWS::CloudWatch::Alarm')).map((alarm) => alarm['Properties'].MetricName);

  test('defines each alarm once', () => {
    const { template, alarms } = monitored();
    expect(metricsOf(template).sort()).toEqual(['Duration', 'Errors', 'Throttles']);
    expect(alarms.all).toHaveLength(3);
    template.allResourcesProperties('AWS::CloudWatch::Alarm', { Period: 60 });
  });

  test('gives them its thresholds, period and actions, and adds the others to what undoes a deployment', () => {
    const stack = new Stack(new App(), 'Topics');
    const topic = new sns.Topic(stack, 'OnCall');
    const { template } = monitored({
      errors: 7,
      period: Duration.minutes(3),
      handlerMetrics: { namespace: 'Chat' },
      actions: [new actions.SnsAction(sns.Topic.fromTopicArn(stack, 'T', `arn:aws:sns:eu-west-1:1:${topic.node.id}`))],
    });
    expect(metricsOf(template).sort()).toEqual(['Duration', 'Errors', 'Failures', 'Throttles', 'TimeToFirstByte']);
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'Errors',
      Threshold: 7,
      Period: 180,
      AlarmActions: [Match.stringLikeRegexp('OnCall$')],
    });
    template.hasResourceProperties('AWS::CodeDeploy::DeploymentGroup', {
      AlarmConfiguration: { Alarms: Array.from({ length: 5 }, () => ({ Name: Match.anyValue() })), Enabled: true },
    });
  });

  test('defines alarms of its own where others undo the deployment, and where there is none', () => {
    expect(metricsOf(monitored({}, {}).template)).toHaveLength(3);
    const own = { ...CANARY, deploymentAlarms: [] };
    expect(metricsOf(monitored({}, own).template)).toHaveLength(3);
  });
});

describe('the log class', () => {
  const warnings = (logGroupClass: logs.LogGroupClass, options: StreamingAlarmsOptions) => {
    const stack = new Stack(new App(), 'S');
    const logGroup = new logs.LogGroup(stack, 'Logs', { logGroupClass });
    new StreamingFunction(stack, 'Chat', { code: CODE, logGroup }).addMonitoring(options);
    Template.fromStack(stack);
    return Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('MetricsLogClass'));
  };
  const handlerMetrics = { namespace: 'Chat' };

  test('INFREQUENT_ACCESS takes no metrics of the handler, which is told', () => {
    const [warning, ...others] = warnings(logs.LogGroupClass.INFREQUENT_ACCESS, { handlerMetrics });
    expect(others).toEqual([]);
    expect(warning?.entry.data).toMatch(
      /log group S\/Logs\/Resource of class INFREQUENT_ACCESS, so these alarms never go off/,
    );
  });

  test('STANDARD takes them, and without them the class does not matter', () => {
    expect(warnings(logs.LogGroupClass.STANDARD, { handlerMetrics })).toEqual([]);
    expect(warnings(logs.LogGroupClass.INFREQUENT_ACCESS, {})).toEqual([]);
  });
});

import * as lambda from 'aws-cdk-lib/aws-lambda';
import { App } from 'aws-cdk-lib/core';
import { StreamingAlarms, StreamingDashboard, StreamingFunction } from 'cdk-lambda-streaming';
import { CODE, FrontEndStack } from './support/front-end-stack';

/** The dashboard's JSON, references written as `<logical id>`. */
function bodyOf(stack: FrontEndStack): {
  widgets: { type: string; properties: { title: string; metrics?: unknown[][] } }[];
} {
  const [dashboard] = Object.values(stack.template.findResources('AWS::CloudWatch::Dashboard'));
  const parts: (string | { Ref?: string })[] = dashboard?.Properties.DashboardBody['Fn::Join'][1];
  return JSON.parse(parts.map((part) => (typeof part === 'string' ? part : `<${part.Ref ?? 'attribute'}>`)).join(''));
}

describe('StreamingDashboard', () => {
  test('has a row for each function, on its alias', () => {
    const stack = new FrontEndStack();
    const chat = new StreamingFunction(stack, 'Chat', { code: CODE });
    new StreamingDashboard(stack, 'Dashboard', { functions: [stack.alias, chat] });
    const { widgets } = bodyOf(stack);
    expect(widgets.map(({ properties }) => properties.title)).toEqual([
      'FrontEnds/Fn: streams',
      'FrontEnds/Fn: failed and refused',
      'FrontEnds/Fn: duration',
      'FrontEnds/Fn: at a time',
      'FrontEnds/Chat: streams',
      'FrontEnds/Chat: failed and refused',
      'FrontEnds/Chat: duration',
      'FrontEnds/Chat: at a time',
    ]);
    expect(JSON.stringify(widgets[4]?.properties.metrics)).toMatch(/"Resource","<Chat[0-9A-F]{8}>:live"/);
  });

  test('is headed by the states of alarms', () => {
    const stack = new FrontEndStack();
    const alarms = new StreamingAlarms(stack, 'Alarms', { function: stack.alias });
    new StreamingDashboard(stack, 'Dashboard', { functions: [stack.alias], alarms: [alarms] });
    expect(bodyOf(stack).widgets[0]?.type).toBe('alarm');
  });

  test('comes with the alarms by one call of a streaming function', () => {
    const stack = new FrontEndStack({}, new App());
    const chat = new StreamingFunction(stack, 'Chat', { code: CODE, runtime: lambda.Runtime.NODEJS_22_X });
    expect(chat.addMonitoring({ handlerMetrics: { namespace: 'Chat' } }).all).toHaveLength(5);
    expect(bodyOf(stack).widgets.map(({ properties }) => properties.title)).toContain('Chat: time to first byte');
    stack.template.resourceCountIs('AWS::CloudWatch::Dashboard', 1);
  });
});

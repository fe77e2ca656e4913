import * as lambda from 'aws-cdk-lib/aws-lambda';
import { App } from 'aws-cdk-lib/core';
import { StreamingAlarms, StreamingDashboard, StreamingFunction } from 'cdk-lambda-streaming';
import { CODE, DoorStack } from './support/door-stack';

/** The dashboard's JSON, references written as `<logical id>`. */
function bodyOf(stack: DoorStack): {
  widgets: { type: string; properties: { title: string; metrics?: unknown[][] } }[];
} {
  const [dashboard] = Object.values(stack.template.findResources('AWS::CloudWatch::Dashboard'));
  const parts: (string | { Ref?: string })[] = dashboard?.Properties.DashboardBody['Fn::Join'][1];
  return JSON.parse(parts.map((part) => (typeof part === 'string' ? part : `<${part.Ref ?? 'attribute'}>`)).join(''));
}

describe('StreamingDashboard', () => {
  test('has a row for each function, on its alias', () => {
    const stack = new DoorStack();
    const chat = new StreamingFunction(stack, 'Chat', { code: CODE });
    new StreamingDashboard(stack, 'Dashboard', { functions: [stack.alias, chat] });
    const { widgets } = bodyOf(stack);
    expect(widgets.map(({ properties }) => properties.title)).toEqual([
      'Doors/Fn: streams',
      'Doors/Fn: failed and refused',
      'Doors/Fn: duration',
      'Doors/Fn: at a time',
      'Doors/Chat: streams',
      'Doors/Chat: failed and refused',
      'Doors/Chat: duration',
      'Doors/Chat: at a time',
    ]);
    expect(JSON.stringify(widgets[4]?.properties.metrics)).toMatch(/"Resource","<Chat[0-9A-F]{8}>:live"/);
  });

  test('is headed by the states of alarms', () => {
    const stack = new DoorStack();
    const alarms = new StreamingAlarms(stack, 'Alarms', { function: stack.alias });
    new StreamingDashboard(stack, 'Dashboard', { functions: [stack.alias], alarms: [alarms] });
    expect(bodyOf(stack).widgets[0]?.type).toBe('alarm');
  });

  test('comes with the alarms by one call of a streaming function', () => {
    const stack = new DoorStack({}, new App());
    const chat = new StreamingFunction(stack, 'Chat', { code: CODE, runtime: lambda.Runtime.NODEJS_22_X });
    expect(chat.addMonitoring({ streamMetrics: { namespace: 'Chat' } }).all).toHaveLength(5);
    expect(bodyOf(stack).widgets.map(({ properties }) => properties.title)).toContain('Chat: time to first byte');
    stack.template.resourceCountIs('AWS::CloudWatch::Dashboard', 1);
  });
});

/** The CDK's provider framework as it is: its functions, the SDK clients they use, and the waiter that asks `isComplete`. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { App, CfnOutput, CustomResource, Duration, Stack } from 'aws-cdk-lib/core';
import * as custom from 'aws-cdk-lib/custom-resources';
import { type LocalTarget, startLocal } from 'cdk-lambda-streaming/local';

const ON_EVENT = `exports.handler = async ({ RequestType, PhysicalResourceId, ResourceProperties: { Name } }) => {
  console.log('EVENT ' + RequestType + ' ' + Name);
  return { PhysicalResourceId: RequestType === 'Create' ? 'id-' + Name : PhysicalResourceId, Data: { From: 'onEvent', Kept: 'yes' } };
};`;
const IS_COMPLETE = `const polls = {};
exports.handler = async ({ RequestType, PhysicalResourceId, ResourceProperties: { Name, Asks, Breaks } }) => {
  console.log('EVENT ask ' + RequestType + ' ' + Name);
  if (Breaks === RequestType) throw new Error('the ' + Name + ' is on fire');
  const key = RequestType + PhysicalResourceId;
  polls[key] = (polls[key] ?? 0) + 1;
  const IsComplete = RequestType === 'Delete' || polls[key] > Number(Asks);
  return { IsComplete, ...(IsComplete && { Data: { From: 'isComplete' } }) };
};`;

let folder: string;
let local: LocalTarget;
let events: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'framework-'));
  local = await startLocal({
    clock: { speed: 20 },
    onLog: ({ message }) => {
      const [, event] = /EVENT (.*)/.exec(message) ?? [];
      if (event !== undefined) events.push(event);
    },
  });
});

afterAll(async () => {
  await local.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Deploys a resource that `isComplete` is asked about; both functions have as long as the framework has. */
async function deploy(properties: Readonly<Record<string, unknown>>) {
  events = [];
  const app = new App({ outdir: mkdtempSync(join(folder, 'out-')) });
  const stack = new Stack(app, 'Slow', { env: { account: '111111111111', region: 'eu-west-1' } });
  const inline = (id: string, code: string) =>
    new lambda.Function(stack, id, {
      runtime: lambda.Runtime.NODEJS_22_X,
      handler: 'index.handler',
      timeout: Duration.minutes(15),
      code: lambda.Code.fromInline(code),
    });
  const provider = new custom.Provider(stack, 'Provider', {
    onEventHandler: inline('OnEvent', ON_EVENT),
    isCompleteHandler: inline('IsComplete', IS_COMPLETE),
    queryInterval: Duration.seconds(5),
    totalTimeout: Duration.seconds(10),
  });
  const { serviceToken } = provider;
  const resource = new CustomResource(stack, 'Thing', { serviceToken, resourceType: 'Custom::Slow', properties });
  new CfnOutput(stack, 'Ref', { value: resource.ref });
  new CfnOutput(stack, 'Data', { value: `${resource.getAttString('From')} ${resource.getAttString('Kept')}` });
  const { stacks, warnings } = await local.deploy(app.synth().directory);
  return { warnings, outputs: stacks[0]?.outputs };
}

test('isComplete is asked until it says so; a failure and a timeout undo, in the words of the framework', async () => {
  const created = await deploy({ Name: 'house', Asks: 2 });
  expect(created).toEqual({ warnings: [], outputs: { Ref: 'id-house', Data: 'isComplete yes' } });
  expect(events).toEqual(['Create house', 'ask Create house', 'ask Create house', 'ask Create house']);

  await expect(deploy({ Name: 'barn', Asks: 0, Breaks: 'Update' })).rejects.toThrow(
    /resource Thing .*Received response status \[FAILED\] from custom resource\. Message returned: the barn is on fire\n\nLogs: \/aws\/lambda\/Slow-IsComplete/,
  );
  expect(events).toEqual([
    'Update barn',
    'ask Update barn',
    'Update house',
    'ask Update house',
    'ask Update house',
    'ask Update house',
  ]);

  await expect(deploy({ Name: 'tower', Asks: 1e9 })).rejects.toThrow(
    'Message returned: Operation timed out (RequestId:',
  );
  const asked = events.lastIndexOf('ask Update tower');
  expect(asked).toBeGreaterThan(2);
  expect(events.slice(asked + 1)).toEqual(['Update house', 'ask Update house']);
  expect(local.outputs('Slow')['Ref']).toBe('id-house');

  events = [];
  await local.destroy(['Slow']);
  expect(events).toEqual(['Delete house', 'ask Delete house']);
});

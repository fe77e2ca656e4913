/**
 * State machines. One shape is played, the waiter of the CDK's provider framework; any other does nothing here.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-stepfunctions-statemachine.html
 */

import { isObject } from '../../base/is-object';
import type { WaiterState } from '../state';
import type { Properties } from './properties';
import type { ResourceContext, ResourceProvider, ResourceValues } from './provider';

export const stateMachine: ResourceProvider = {
  type: 'AWS::StepFunctions::StateMachine',
  lenient: true,
  properties: ['DefinitionString', 'StateMachineName'],
  withoutEffect: [
    'Definition',
    'DefinitionS3Location',
    'DefinitionSubstitutions',
    'EncryptionConfiguration',
    'LoggingConfiguration',
    'RoleArn',
    'StateMachineType',
    'Tags',
    'TracingConfiguration',
  ],
  replacedBy: ['StateMachineName', 'StateMachineType'],
  create(context, properties) {
    const { partition, region, account } = context;
    const name = properties.optionalText('StateMachineName') ?? context.generateName(80);
    return put(context, properties, `arn:${partition}:states:${region}:${account}:stateMachine:${name}`);
  },
  update: (context, properties, previous) => put(context, properties, previous.physicalId),
  delete({ state }, { physicalId }) {
    state.waiters.delete(physicalId);
  },
};

function put(context: ResourceContext, properties: Properties, arn: string): ResourceValues {
  const definition = properties.values['DefinitionString'];
  const waiter = typeof definition === 'string' ? waiterOf(definition) : undefined;
  for (const fn of waiter ? [waiter.isComplete, waiter.onTimeout] : [])
    context.requireAccess('lambda:InvokeFunction', fn);
  if (waiter) context.state.waiters.set(arn, waiter);
  else context.doesNothing();
  return { physicalId: arn, attributes: { Arn: arn, Name: arn.split(':').at(-1) }, hasAnyAttribute: true };
}

/** The waiter that a definition in the Amazon States Language is; undefined for any other state machine. */
function waiterOf(definition: string): WaiterState | undefined {
  const states = parse(definition)?.['States'];
  if (!isObject(states)) return undefined;
  const { 'framework-isComplete-task': task, 'framework-onTimeout-task': last } = states;
  if (!isObject(task) || !isObject(last)) return undefined;
  const [retry]: unknown[] = Array.isArray(task['Retry']) ? task['Retry'] : [];
  if (!isObject(retry)) return undefined;
  const { IntervalSeconds: intervalSeconds, MaxAttempts: attempts } = retry;
  if (typeof intervalSeconds !== 'number' || typeof attempts !== 'number') return undefined;
  const [isComplete, onTimeout] = [String(task['Resource']), String(last['Resource'])];
  return { isComplete, onTimeout, intervalSeconds, timeoutSeconds: intervalSeconds * attempts };
}

function parse(json: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined; // another definition, which is not played either
  }
}

/**
 * What a request wants a stack to be, checked before anything is made or changed.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html
 */
import { constraintProblem } from '../../assembly/parameter-constraints';
import { type AssemblyStack, withNested } from '../../assembly/read-assembly';
import type { Template } from '../../assembly/template';
import { messageOf } from '../../engine/resource-step';
import type { StackRecord, StackRequest } from '../../engine/stack-record';
import { ServiceException } from '../../errors';
import { listOfStructures, listOfTexts } from '../query-protocol';
import { actingRole, demandAs } from './acting-as';
import { type CloudFormationCall, textOf, validationError } from './cloudformation-call';
import { readTemplate } from './read-template';
import { submittedStack } from './submitted-stack';

export interface WantedStack {
  readonly stack: AssemblyStack;
  readonly request: StackRequest;
}

export function readWanted(call: CloudFormationCall, stackName: string, known: StackRecord | undefined): WantedStack {
  const { engine, input } = call;
  requirePlayed(call);
  const previous = known?.request;
  const submitted = readTemplate(call, previous?.templateText);
  const { Resources = {} } = submitted.template;
  if (Object.keys(Resources).length === 0) {
    throw validationError('Template format error: At least one Resources member must be defined.');
  }
  const parameters = readParameters(call, submitted.template, previous?.parameters);
  const capabilities = listOfTexts(input, 'Capabilities');
  const roleArn = actingRole(call, previous?.roleArn);
  const tags = Object.fromEntries(listOfStructures(input, 'Tags').map(({ Key = '', Value = '' }) => [Key, Value]));
  const stack = submittedStack(call, stackName, submitted, parameters, demandAs(call, roleArn));
  for (const each of withNested(stack)) requireCapabilities(each.template, capabilities);
  try {
    engine.check(stack, demandAs(call, roleArn));
  } catch (error) {
    throw validationError(messageOf(error));
  }
  const token = textOf(call, 'ClientRequestToken');
  const disableRollback = isDisabled(call);
  const deleteOnFailure = onFailure(call) === 'DELETE';
  const how = { tags, capabilities, roleArn, token, disableRollback, deleteOnFailure };
  return { stack, request: { templateText: submitted.text, parameters, ...how } };
}

/** Those that are given, those of before where they are to stay, and the defaults. */
function readParameters(
  call: CloudFormationCall,
  template: Template,
  previous: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const given = listOfStructures(call.input, 'Parameters');
  const defined = template.Parameters ?? {};
  const unknown = given.filter(({ ParameterKey = '' }) => !Object.hasOwn(defined, ParameterKey));
  if (unknown.length > 0) {
    throw validationError(
      `Parameters: [${unknown.map(({ ParameterKey }) => ParameterKey).join(', ')}] do not exist in the template`,
    );
  }
  const values = Object.entries(defined).map(([name, { Default }]) => {
    const one = given.find(({ ParameterKey }) => ParameterKey === name);
    const kept = one?.['UsePreviousValue'] === 'true' ? previous[name] : undefined;
    return [name, kept ?? one?.['ParameterValue'] ?? (Default === undefined ? undefined : String(Default))] as const;
  });
  const missing = values.filter(([, value]) => value === undefined).map(([name]) => name);
  if (missing.length > 0) throw validationError(`Parameters: [${missing.join(', ')}] must have values`);
  for (const [name, value = ''] of values) {
    const definition = defined[name];
    const problem = definition && constraintProblem(name, definition, value);
    if (problem !== undefined) throw validationError(problem);
  }
  return Object.fromEntries(values.map(([name, value = '']) => [name, value]));
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-template.html */
function requireCapabilities({ Resources = {} }: Template, given: readonly string[]): void {
  if (given.includes('CAPABILITY_NAMED_IAM')) return;
  const iam = Object.values(Resources).filter(({ Type }) =>
    /^AWS::IAM::(AccessKey|Group|InstanceProfile|ManagedPolicy|Policy|Role|User|UserToGroupAddition)$/.test(Type),
  );
  const names = ['GroupName', 'ManagedPolicyName', 'RoleName', 'UserName', 'InstanceProfileName'];
  const isNamed = iam.some(({ Properties = {} }) => names.some((name) => Properties[name] !== undefined));
  if (iam.length === 0 || (!isNamed && given.includes('CAPABILITY_IAM'))) return;
  const message = `Requires capabilities : [${isNamed ? 'CAPABILITY_NAMED_IAM' : 'CAPABILITY_IAM'}]`;
  throw new ServiceException({ type: 'InsufficientCapabilitiesException', statusCode: 400, message });
}

/** What would let a deployment do less than it does here. */
function requirePlayed(call: CloudFormationCall): void {
  const policy = ['StackPolicyBody', 'StackPolicyURL', 'StackPolicyDuringUpdateBody', 'StackPolicyDuringUpdateURL'];
  const given = policy.find((name) => textOf(call, name) !== undefined);
  if (given !== undefined) {
    throw validationError(`the local target does not play stack policies: deploy without ${given}`);
  }
}

/** Whether what a deployment has done stays when it fails. */
export function isDisabled(call: CloudFormationCall): boolean {
  return call.input['DisableRollback'] === 'true' || onFailure(call) === 'DO_NOTHING';
}

function onFailure(call: CloudFormationCall): string | undefined {
  const given = textOf(call, 'OnFailure') ?? textOf(call, 'OnStackFailure');
  if (given !== undefined && textOf(call, 'DisableRollback') !== undefined) {
    throw validationError('Either DisableRollback or OnFailure can be specified, not both.');
  }
  if (given === undefined || ['DELETE', 'DO_NOTHING', 'ROLLBACK'].includes(given)) return given;
  throw validationError(
    `1 validation error detected: Value '${given}' at 'onFailure' failed to satisfy constraint: Member must satisfy enum value set: [ROLLBACK, DELETE, DO_NOTHING]`,
  );
}

/**
 * The actions of Lambda in policies, for whoever asks about one that does not exist.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html
 */
import { nearestName } from '../../base/nearest-name';
import { LocalConfigError } from '../local-error';
import { ownMember } from '../own-member';

const REFERENCE = 'https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html';

/** By what they are done to. Every operation of the API is an action of its name, but for those of {@link OPERATIONS}. */
const ACTIONS: readonly string[] = Object.entries({
  '': 'CheckpointDurableExecution GetAccountSettings InvokeAsync InvokeFunction InvokeFunctionUrl ListTags',
  Add: 'LayerVersionPermission Permission',
  Create: 'Alias CapacityProvider CodeSigningConfig EventSourceMapping Function FunctionUrlConfig',
  Delete:
    'Alias CapacityProvider CodeSigningConfig EventSourceMapping Function FunctionCodeSigningConfig FunctionConcurrency ' +
    'FunctionEventInvokeConfig FunctionUrlConfig LayerVersion ProvisionedConcurrencyConfig ResourcePolicy',
  Disable: 'Replication',
  Enable: 'Replication',
  Get:
    'Alias CapacityProvider CodeSigningConfig DurableExecution DurableExecutionHistory DurableExecutionState ' +
    'EventSourceMapping Function FunctionCodeSigningConfig FunctionConcurrency FunctionConfiguration ' +
    'FunctionEventInvokeConfig FunctionRecursionConfig FunctionScalingConfig FunctionUrlConfig LayerVersion ' +
    'LayerVersionPolicy Policy ProvisionedConcurrencyConfig ResourcePolicy RuntimeManagementConfig',
  List:
    'Aliases CapacityProviders CodeSigningConfigs DurableExecutionsByFunction EventSourceMappings ' +
    'FunctionEventInvokeConfigs FunctionUrlConfigs FunctionVersionsByCapacityProvider Functions ' +
    'FunctionsByCodeSigningConfig LayerVersions Layers ProvisionedConcurrencyConfigs VersionsByFunction',
  Pass: 'CapacityProvider',
  Publish: 'LayerVersion Version',
  Put:
    'FunctionCodeSigningConfig FunctionConcurrency FunctionEventInvokeConfig FunctionRecursionConfig ' +
    'FunctionScalingConfig ProvisionedConcurrencyConfig ResourcePolicy RuntimeManagementConfig',
  Remove: 'LayerVersionPermission Permission',
  SendDurableExecutionCallback: 'Failure Heartbeat Success',
  Stop: 'DurableExecution',
  Tag: 'Resource',
  Untag: 'Resource',
  Update:
    'Alias CapacityProvider CodeSigningConfig EventSourceMapping FunctionCode FunctionConfiguration ' +
    'FunctionEventInvokeConfig FunctionUrlConfig',
}).flatMap(([verb, objects]) => objects.split(' ').map((object) => `lambda:${verb}${object}`));

/** Operations of the API that an action of another name allows, in lower case. */
const OPERATIONS: Readonly<Record<string, string>> = {
  'lambda:invoke': 'lambda:InvokeFunction',
  'lambda:invokewithresponsestream': 'lambda:InvokeFunction',
  'lambda:getlayerversionbyarn': 'lambda:GetLayerVersion',
};

/**
 * The action as AWS writes it: IAM does not care for upper and lower case. Actions of other services are taken as they are.
 * @throws a LocalConfigError for an action of Lambda that does not exist, with the one that may be meant
 */
export function knownAction(action: string): string {
  const name = action.toLowerCase();
  if (!name.startsWith('lambda:')) return action;
  const known = ACTIONS.find((each) => each.toLowerCase() === name);
  if (known !== undefined) return known;
  const allowing = ownMember(OPERATIONS, name);
  if (allowing !== undefined) {
    throw new LocalConfigError(
      `'${action}' is the name of an API operation, not of an IAM action; the operation is allowed by ${allowing}`,
    );
  }
  const near = nearestName(action, ACTIONS);
  const advice = near === undefined ? `see ${REFERENCE}` : `did you mean '${near}'?`;
  throw new LocalConfigError(`there is no IAM action '${action}'; ${advice}`);
}

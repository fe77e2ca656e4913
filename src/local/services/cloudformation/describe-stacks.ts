/** The operations of CloudFormation that only tell. */
import type { StackRecord, StackRequest } from '../../engine/stack-record';
import { resultXml } from '../query-protocol';
import {
  type CloudFormationCall,
  demandStack,
  findStack,
  requiredText,
  textOf,
  time,
  validationError,
} from './cloudformation-call';
import { demandChangeSet } from './find-change-set';
import { parseTemplate } from './read-template';

/** Events on one page. */
const PAGE = 100;

export function describeStacks(call: CloudFormationCall): string {
  const name = textOf(call, 'StackName');
  demandStack(call, 'DescribeStacks', name ?? '*');
  if (name === undefined) {
    const present = call.engine.history.all(call.account, call.region).filter(({ isDeleted }) => !isDeleted);
    return resultXml({ Stacks: present.map((record) => stackXml(call, record)) });
  }
  const record = findStack(call, name);
  if (record === undefined) throw validationError(`Stack with id ${name} does not exist`);
  return resultXml({ Stacks: [stackXml(call, record)] });
}

function stackXml(call: CloudFormationCall, record: StackRecord): Readonly<Record<string, unknown>> {
  const { request } = record;
  const deployed = call.engine.resourcesOf(record);
  const template = request === undefined ? undefined : parseTemplate(request.templateText);
  return {
    StackId: record.stackId,
    StackName: record.stackName,
    ChangeSetId: request?.changeSetId,
    Description: request?.description ?? template?.Description,
    Parameters: request === undefined ? [] : shownParameters(request),
    CreationTime: time(record.createdAt),
    DeletionTime: time(record.deletedAt),
    LastUpdatedTime: time(record.updatedAt),
    RollbackConfiguration: {},
    StackStatus: record.status,
    StackStatusReason: record.statusReason,
    DisableRollback: request?.disableRollback === true,
    NotificationARNs: [],
    Capabilities: request?.capabilities ?? [],
    Outputs: Object.entries(deployed?.outputs ?? {}).map(([OutputKey, OutputValue]) => ({
      OutputKey,
      OutputValue,
      Description: template?.Outputs?.[OutputKey]?.Description,
    })),
    RoleARN: request?.roleArn,
    Tags: pairs(request?.tags, 'Key', 'Value'),
    EnableTerminationProtection: record.isProtected,
    DriftInformation: { StackDriftStatus: 'NOT_CHECKED' },
  };
}

/**
 * Values of parameters with `NoEcho` stay hidden; outputs and metadata that hold them do not, as on AWS.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
 */
export function shownParameters({ parameters, templateText }: StackRequest) {
  const { Parameters = {} } = parseTemplate(templateText);
  const shown = Object.entries(parameters).map(([name, value]) => {
    const { NoEcho } = Parameters[name] ?? {};
    return [name, NoEcho === true || NoEcho === 'true' ? '****' : value] as const;
  });
  return pairs(Object.fromEntries(shown), 'ParameterKey', 'ParameterValue');
}

export function pairs(values: Readonly<Record<string, string>> = {}, key: string, value: string) {
  return Object.entries(values).map(([name, text]) => ({ [key]: name, [value]: text }));
}

export function describeStackEvents(call: CloudFormationCall): string {
  const name = requiredText(call, 'StackName');
  demandStack(call, 'DescribeStackEvents', name);
  const record = findStack(call, name);
  if (record === undefined) throw validationError(`Stack [${name}] does not exist`);
  const token = Number(textOf(call, 'NextToken') ?? 0);
  const newestFirst = [...record.events].reverse();
  const page = newestFirst.slice(token, token + PAGE);
  return resultXml({
    StackEvents: page.map((event) => ({
      StackId: record.stackId,
      EventId: event.eventId,
      StackName: record.stackName,
      LogicalResourceId: event.logicalId,
      PhysicalResourceId: event.physicalId,
      ResourceType: event.type,
      Timestamp: time(event.at),
      ResourceStatus: event.status,
      ResourceStatusReason: event.reason,
      ClientRequestToken: event.token,
    })),
    NextToken: newestFirst.length > token + PAGE ? token + PAGE : undefined,
  });
}

export function listStacks(call: CloudFormationCall): string {
  demandStack(call, 'ListStacks', '*');
  const wanted = Object.entries(call.input).flatMap(([name, value]) =>
    name.startsWith('StackStatusFilter.member.') ? [String(value)] : [],
  );
  const records = call.engine.history
    .all(call.account, call.region)
    .filter(({ status }) => wanted.length === 0 || wanted.includes(status));
  return resultXml({
    StackSummaries: records.map((record) => ({
      StackId: record.stackId,
      StackName: record.stackName,
      CreationTime: time(record.createdAt),
      LastUpdatedTime: time(record.updatedAt),
      DeletionTime: time(record.deletedAt),
      StackStatus: record.status,
      StackStatusReason: record.statusReason,
      DriftInformation: { StackDriftStatus: 'NOT_CHECKED' },
    })),
  });
}

export function listStackResources(call: CloudFormationCall): string {
  const name = requiredText(call, 'StackName');
  const record = presentStack(call, 'ListStackResources', name);
  return resultXml({
    StackResourceSummaries: resources(call, record).map(({ Timestamp, ...resource }) => ({
      ...resource,
      LastUpdatedTimestamp: Timestamp,
    })),
  });
}

export function describeStackResources(call: CloudFormationCall): string {
  const name = textOf(call, 'StackName');
  const physicalId = textOf(call, 'PhysicalResourceId');
  const record =
    name === undefined ? stackOf(call, physicalId ?? '') : presentStack(call, 'DescribeStackResources', name);
  const logicalId = textOf(call, 'LogicalResourceId');
  const found = resources(call, record).filter(
    ({ LogicalResourceId }) => logicalId === undefined || LogicalResourceId === logicalId,
  );
  return resultXml({
    StackResources: found.map((resource) => ({ StackName: record.stackName, StackId: record.stackId, ...resource })),
  });
}

export function describeStackResource(call: CloudFormationCall): string {
  const name = requiredText(call, 'StackName');
  const logicalId = requiredText(call, 'LogicalResourceId');
  const record = presentStack(call, 'DescribeStackResource', name);
  const found = resources(call, record).find(({ LogicalResourceId }) => LogicalResourceId === logicalId);
  if (found === undefined) throw validationError(`Resource ${logicalId} does not exist for stack ${name}`);
  const { Timestamp: LastUpdatedTimestamp, ...resource } = found;
  return resultXml({
    StackResourceDetail: { StackName: record.stackName, StackId: record.stackId, ...resource, LastUpdatedTimestamp },
  });
}

function stackOf(call: CloudFormationCall, physicalId: string): StackRecord {
  demandStack(call, 'DescribeStackResources', '*');
  const record = call.engine.history
    .all(call.account, call.region)
    .find((each) =>
      [...(call.engine.resourcesOf(each)?.resources.values() ?? [])].some((found) => found.physicalId === physicalId),
    );
  if (record === undefined) throw validationError(`Stack for ${physicalId} does not exist`);
  return record;
}

function presentStack(call: CloudFormationCall, operation: string, name: string): StackRecord {
  demandStack(call, operation, name);
  const record = findStack(call, name);
  if (record === undefined) throw validationError(`Stack with id ${name} does not exist`);
  return record;
}

function resources(call: CloudFormationCall, record: StackRecord) {
  return [...(call.engine.resourcesOf(record)?.resources ?? [])].map(([LogicalResourceId, { physicalId, type }]) => {
    // What it has taken the place of had events of its own, the last of them about its deletion.
    const last = [...record.events]
      .reverse()
      .find((event) => event.logicalId === LogicalResourceId && ['', physicalId].includes(event.physicalId));
    return {
      LogicalResourceId,
      PhysicalResourceId: physicalId,
      ResourceType: type,
      Timestamp: time(last?.at ?? record.createdAt),
      ResourceStatus: last?.status ?? 'CREATE_COMPLETE',
    };
  });
}

export function getTemplate(call: CloudFormationCall): string {
  // A stack that only has a change set has an empty template.
  const request =
    textOf(call, 'ChangeSetName') === undefined
      ? presentStack(call, 'GetTemplate', requiredText(call, 'StackName')).request
      : demandChangeSet(call, 'GetTemplate').request;
  return resultXml({ TemplateBody: request?.templateText ?? '{}', StagesAvailable: ['Original', 'Processed'] });
}

export function listExports(call: CloudFormationCall): string {
  demandStack(call, 'ListExports', '*');
  const exports = call.engine.history.all(call.account, call.region).flatMap((record) =>
    [...(call.engine.resourcesOf(record)?.exports ?? [])].map(([Name, Value]) => ({
      ExportingStackId: record.stackId,
      Name,
      Value,
    })),
  );
  return resultXml({ Exports: exports });
}

/**
 * CloudWatch Logs, as far as it is read: `aws logs tail`, `cdk watch`, SDKs.
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_Operations.html
 */
import { partitionOf } from '../../engine/stack-scope';
import { ServiceException } from '../../errors';
import type { Authorize } from '../../iam/authorize';
import { principalAccount } from '../../iam/principals';
import type { LocalState } from '../../state';
import { demand, type ServiceCaller, type ServiceInput, type ServiceOperation } from '../service-operation';
import type { LogStore, StoredEvent } from './log-store';

export interface LogsContext {
  readonly store: LogStore;
  readonly state: LocalState;
  readonly authorize: Authorize;
}

interface LogsCall extends LogsContext {
  readonly input: ServiceInput;
  readonly caller: ServiceCaller;
}

const PAGE = 10_000;

/** By signing name and operation. */
export function logsOperations(context: LogsContext): Readonly<Record<string, ServiceOperation<unknown>>> {
  const operations: Readonly<Record<string, (call: LogsCall) => Readonly<Record<string, unknown>>>> = {
    DescribeLogGroups: describeLogGroups,
    DescribeLogStreams: describeLogStreams,
    FilterLogEvents: filterLogEvents,
    GetLogEvents: getLogEvents,
  };
  return Object.fromEntries(
    Object.entries(operations).map(([name, run]) => [
      `logs.${name}`,
      (input, caller) => run({ ...context, input, caller }),
    ]),
  );
}

function describeLogGroups(call: LogsCall) {
  const { authorize, caller, input } = call;
  const place = placeOf(caller);
  demand('logs:DescribeLogGroups', `${place}:*`, caller, authorize);
  const { logGroupNamePattern = '', logGroupNamePrefix = '' } = input;
  const groups = knownGroups(call).filter((arn) => {
    const name = nameOf(arn);
    return name.startsWith(String(logGroupNamePrefix)) && name.includes(String(logGroupNamePattern));
  });
  const { items, next } = page(groups, input, 50);
  return {
    logGroups: items.map((arn) => {
      const retentionInDays = call.state.logGroups.get(arn)?.retentionDays;
      return {
        logGroupName: nameOf(arn),
        arn: `${arn}:*`,
        logGroupArn: arn,
        creationTime: call.store.events(arn)[0]?.timestamp ?? 0,
        metricFilterCount: 0,
        storedBytes: 0,
        ...(retentionInDays !== undefined && { retentionInDays }),
      };
    }),
    ...next,
  };
}

function describeLogStreams(call: LogsCall) {
  const { input, store } = call;
  const arn = requireGroup(call, 'logs:DescribeLogStreams');
  const streams = new Map<string, StoredEvent[]>();
  for (const event of store.events(arn)) {
    const events = streams.get(event.logStreamName) ?? [];
    events.push(event);
    streams.set(event.logStreamName, events);
  }
  const described = [...streams].map(([logStreamName, events]) => ({
    logStreamName,
    arn: `${arn}:log-stream:${logStreamName}`,
    creationTime: events[0]?.timestamp,
    firstEventTimestamp: events[0]?.timestamp,
    lastEventTimestamp: events.at(-1)?.timestamp ?? 0,
    lastIngestionTime: events.at(-1)?.timestamp,
    storedBytes: 0,
  }));
  const wanted = described.filter(({ logStreamName }) =>
    logStreamName.startsWith(String(input['logStreamNamePrefix'] ?? '')),
  );
  const byTime = input['orderBy'] === 'LastEventTime';
  wanted.sort((a, b) =>
    byTime ? a.lastEventTimestamp - b.lastEventTimestamp : a.logStreamName < b.logStreamName ? -1 : 1,
  );
  if (input['descending'] === true) wanted.reverse();
  const { items, next } = page(wanted, input, 50);
  return { logStreams: items, ...next };
}

function filterLogEvents(call: LogsCall) {
  const { input, store } = call;
  const arn = requireGroup(call, 'logs:FilterLogEvents');
  const matches = filterOf(input['filterPattern']);
  const { logStreamNamePrefix: prefix = '', logStreamNames: names } = input;
  const events = store
    .events(arn)
    .filter(
      (event) =>
        isWithin(event, input) &&
        event.logStreamName.startsWith(String(prefix)) &&
        (!Array.isArray(names) || names.includes(event.logStreamName)) &&
        matches(event.message),
    );
  const { items, next } = page(events, input, PAGE);
  return { events: items.map(told), searchedLogStreams: [], ...next };
}

function getLogEvents(call: LogsCall) {
  const { input, store } = call;
  const arn = requireGroup(call, 'logs:GetLogEvents', `log-stream:${String(input['logStreamName'] ?? '')}`);
  const events = store
    .events(arn)
    .filter((event) => event.logStreamName === input['logStreamName'] && isWithin(event, input));
  if (!store.events(arn).some(({ logStreamName }) => logStreamName === input['logStreamName'])) {
    throw failed('ResourceNotFoundException', 'The specified log stream does not exist.');
  }
  const limit = Number(input['limit'] ?? PAGE);
  const [, direction, at] = /^([fb])\/(\d+)$/.exec(String(input['nextToken'] ?? '')) ?? [];
  const fromHead = input['startFromHead'] === true;
  const end = direction === 'b' ? Number(at) : events.length;
  const start = direction === 'f' ? Number(at) : direction === 'b' || !fromHead ? Math.max(0, end - limit) : 0;
  const items = events.slice(start, Math.min(end, start + limit));
  return {
    events: items.map(({ message, timestamp }) => ({ timestamp, message, ingestionTime: timestamp })),
    nextForwardToken: `f/${start + items.length}`,
    nextBackwardToken: `b/${start}`,
  };
}

function told({ eventId, logStreamName, message, timestamp }: StoredEvent) {
  return { eventId, logStreamName, timestamp, ingestionTime: timestamp, message };
}

function isWithin({ timestamp }: StoredEvent, { endTime, startTime }: ServiceInput): boolean {
  return timestamp >= Number(startTime ?? 0) && timestamp < Number(endTime ?? Number.POSITIVE_INFINITY);
}

/** Words, `?any` and `-none` of https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html */
function filterOf(pattern: unknown): (message: string) => boolean {
  const text = String(pattern ?? '').trim();
  if (/^[{[%]/.test(text)) {
    throw failed('InvalidParameterException', `the local target reads filter patterns of words only, got '${text}'`);
  }
  const terms = [...text.matchAll(/([?-]?)(?:"((?:[^"\\]|\\.)*)"|(\S+))/g)].map(([, sign, quoted, word]) => ({
    sign,
    term: (quoted ?? word ?? '').replace(/\\(.)/g, '$1'),
  }));
  const any = terms.filter(({ sign }) => sign === '?');
  return (message) =>
    terms.every(({ sign, term }) => sign === '?' || message.includes(term) === (sign !== '-')) &&
    (any.length === 0 || any.some(({ term }) => message.includes(term)));
}

/** @param within what of the group the action is about: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html */
function requireGroup(call: LogsCall, action: string, within = '*'): string {
  const { authorize, caller, input } = call;
  const { logGroupIdentifier, logGroupName } = input;
  const given = String(logGroupIdentifier ?? logGroupName ?? '').replace(/:\*$/, '');
  const arn = given.startsWith('arn:') ? given : `${placeOf(caller)}:${given}`;
  demand(action, `${arn}:${within}`, caller, authorize);
  if (!knownGroups(call).includes(arn)) {
    throw failed('ResourceNotFoundException', 'The specified log group does not exist.');
  }
  return arn;
}

/** Those of the caller's account and region, that have events or that a stack defines. */
function knownGroups({ caller, state, store }: LogsCall): string[] {
  const place = `${placeOf(caller)}:`;
  return [...new Set([...state.logGroups.keys(), ...store.arns()])].filter((arn) => arn.startsWith(place)).sort();
}

function placeOf({ principal, region }: ServiceCaller): string {
  return `arn:${partitionOf(region)}:logs:${region}:${principalAccount(principal) ?? ''}:log-group`;
}

function nameOf(arn: string): string {
  return arn.split(':').slice(6).join(':');
}

function page<T>(all: readonly T[], input: ServiceInput, most: number) {
  const start = Number(input['nextToken'] ?? 0) || 0;
  const end = start + Math.min(most, Number(input['limit'] ?? most) || most);
  return { items: all.slice(start, end), next: end < all.length ? { nextToken: String(end) } : {} };
}

function failed(type: string, message: string): ServiceException {
  return new ServiceException({ type, statusCode: 400, message });
}

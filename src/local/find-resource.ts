/** Finds a deployed resource by whatever its app or AWS calls it: construct path, logical id, physical id or ARN. */

import { nearestName } from '../base/nearest-name';
import type { DeployedResource, DeployedStack } from './engine/deployed-stack';
import { LocalConfigError } from './local-error';
import type { LocalState } from './state';

/** A deployed resource. */
export interface LocalResource {
  /** Of a nested stack, the name that it was given. */
  readonly stackName: string;
  readonly account: string;
  readonly region: string;
  readonly logicalId: string;
  /** Path of the construct, such as `Stack/Chat`; undefined where the assembly does not say it. */
  readonly constructPath: string | undefined;
  /** For example `AWS::Lambda::Function`. */
  readonly type: string;
  /** What `Ref` gives. */
  readonly physicalId: string;
  /** Undefined where the type has none. Of a function unqualified: to call it take `invokeArn`, since permissions are on its alias. */
  readonly arn: string | undefined;
  /**
   * What an invoker takes: of a function the ARN of its alias, where it has exactly one, else its own; of an alias or a
   * version its ARN; undefined for anything else.
   */
  readonly invokeArn: string | undefined;
  /** Where it answers here: a function URL, an API with its stage, a distribution; of a function that of its first URL. */
  readonly url: string | undefined;
}

export interface FindResourceProps {
  readonly stacks: readonly DeployedStack[];
  readonly state: LocalState;
  /** `http://127.0.0.1:<port>` */
  readonly endpoint: string;
}

/** @throws LocalConfigError where nothing has the name, or several have it */
export function findResource(name: string, props: FindResourceProps): LocalResource {
  const all = props.stacks.flatMap((stack) =>
    [...stack.resources].map(([logicalId, resource]) => describe(stack, logicalId, resource, props)),
  );
  const ways: ((resource: LocalResource) => boolean)[] = [
    ({ constructPath }) => constructPath === name,
    ({ arn }) => arn === name,
    ({ physicalId }) => physicalId === name,
    ({ logicalId }) => logicalId === name,
    ({ type, url }) => type === 'AWS::Lambda::Url' && url !== undefined && [url, url.slice(0, -1)].includes(name),
  ];
  // The most exact way that finds something.
  const found = ways.map((way) => all.filter(way)).find((matches) => matches.length > 0) ?? [];
  const [only, ...others] = found;
  if (only === undefined) throw new LocalConfigError(unknownResource(name, all));
  if (others.length === 0 || only.arn === name) return only;
  throw new LocalConfigError(`several resources are called '${name}'; name one of ${list(found.map(pathOf))}`);
}

function describe(
  { stackName, account, region }: DeployedStack,
  logicalId: string,
  { type, physicalId, attributes, constructPath }: DeployedResource,
  { endpoint, state }: FindResourceProps,
): LocalResource {
  const arn = arnOf(physicalId, attributes);
  return {
    stackName,
    account,
    region,
    logicalId,
    // The construct, not the CloudFormation resource inside of it.
    constructPath: constructPath?.replace(/\/(Resource|Default)$/, ''),
    type,
    physicalId,
    arn,
    invokeArn: invokeArnOf(type, arn, state),
    url: urlOf({ type, physicalId, arn }, state, endpoint),
  };
}

function arnOf(physicalId: string, attributes: Readonly<Record<string, unknown>>): string | undefined {
  const values = [attributes['Arn'], attributes['FunctionArn'], physicalId];
  const named = Object.entries(attributes).flatMap(([name, value]) => (name.endsWith('Arn') ? [value] : []));
  return [...values, ...named].find((value): value is string => typeof value === 'string' && value.startsWith('arn:'));
}

function invokeArnOf(type: string, arn: string | undefined, { functions }: LocalState): string | undefined {
  if (type === 'AWS::Lambda::Alias' || type === 'AWS::Lambda::Version') return arn;
  if (type !== 'AWS::Lambda::Function' || arn === undefined) return undefined;
  const [alias, ...others] = functions.get(arn)?.aliases.keys() ?? [];
  return alias === undefined || others.length > 0 ? arn : `${arn}:${alias}`;
}

function urlOf(
  { type, physicalId, arn = '' }: Pick<LocalResource, 'type' | 'physicalId' | 'arn'>,
  state: LocalState,
  endpoint: string,
): string | undefined {
  if (type === 'AWS::CloudFront::Distribution') {
    const [label] = [...state.distributions].find(([, { distributionId }]) => distributionId === physicalId) ?? [];
    return label && `${endpoint}/cloudfront/${label}/`;
  }
  if (type === 'AWS::ApiGateway::RestApi' || type === 'AWS::ApiGatewayV2::Api') {
    const stages = state.restApis.get(physicalId)?.stages ?? state.httpApis.get(physicalId)?.stages;
    const [stage = ''] = stages?.keys() ?? [];
    if (stages === undefined) return undefined;
    return `${endpoint}/execute-api/${physicalId}/${stage === '' || stage === '$default' ? '' : `${stage}/`}`;
  }
  const [functionArn = ''] = /^arn:[^:]+:lambda:[^:]+:[^:]+:function:[^:]+/.exec(arn) ?? [];
  const [, qualifier] = /:function:[^:]+:(.+)$/.exec(arn) ?? [];
  const urls = state.functions.get(functionArn)?.urls ?? [];
  const isAsked = type === 'AWS::Lambda::Function' || type === 'AWS::Lambda::Url' || type === 'AWS::Lambda::Alias';
  const url = urls.find((each) => type === 'AWS::Lambda::Function' || each.qualifier === qualifier);
  return isAsked && url ? `${endpoint}/lambda-url/${url.urlId}/` : undefined;
}

function unknownResource(name: string, all: readonly LocalResource[]): string {
  const inside = all.filter(({ constructPath }) => constructPath?.startsWith(`${name}/`));
  if (inside.length > 0) {
    return `'${name}' is a construct of several resources; name one of ${list(inside.map(pathOf))}`;
  }
  const paths = all.flatMap(({ constructPath, logicalId, physicalId }) => [
    constructPath ?? logicalId,
    logicalId,
    physicalId,
  ]);
  const near = nearestName(name, paths);
  const functions = all.filter(({ type }) => type === 'AWS::Lambda::Function').map(pathOf);
  const hint = near === undefined ? `its functions are ${list(functions)}` : `did you mean '${near}'?`;
  return `no deployed resource has the construct path, logical id, physical id or ARN '${name}'; ${hint}`;
}

function pathOf({ constructPath, logicalId, stackName }: LocalResource): string {
  return constructPath ?? `${stackName}/${logicalId}`;
}

const LISTED = 10;

function list(names: readonly string[]): string {
  const shown = names.slice(0, LISTED).map((name) => `'${name}'`);
  const more = names.length > LISTED ? ` and ${names.length - LISTED} more` : '';
  return `${shown.join(', ') || 'none'}${more}`;
}

/**
 * Custom resources, whose provider is a function of the stacks: it runs for each of them, as CloudFormation has it run.
 * One that cannot run here, or lacks an AWS service that nobody answers, leaves a resource that does nothing.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-custom-resources.html
 */

import { randomUUID } from 'node:crypto';
import { isObject } from '../../base/is-object';
import type { TemplateResource } from '../assembly/template';
import type { Properties } from './properties';
import type { PreviousResource, ResourceContext, ResourceProvider, ResourceValues } from './provider';
import type { ProviderAnswer, ProviderRequest } from './provider-request';

const MAX_TIMEOUT_SECONDS = 3_600;

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/crpg-ref-responses.html */
const PHYSICAL_ID_MAX_BYTES = 1_024;

export function isCustomType(type: string): boolean {
  return type === 'AWS::CloudFormation::CustomResource' || type.startsWith('Custom::');
}

/** Custom resources of the CDK that are played without their provider, which needs more than a runtime: the AWS CLI, the internet. */
const PROVIDER_STAYS_IDLE: readonly string[] = [
  'Custom::AWSCDKOpenIdConnectProvider',
  'Custom::CDKBucketDeployment',
  'Custom::S3BucketNotifications',
];

type Resources = Readonly<Record<string, TemplateResource>>;

interface ProviderParts {
  /** Functions that custom resources name as their providers, by logical id. */
  readonly functions: ReadonlySet<string>;
  /** Those of them, and their layers, that nobody asks to run: their code need not be there. */
  readonly idle: ReadonlySet<string>;
}

const known = new WeakMap<Resources, ProviderParts>();

/** What of a template is there for its custom resources. */
export function providerParts(resources: Resources = {}): ProviderParts {
  const parts = known.get(resources) ?? findProviderParts(resources);
  known.set(resources, parts);
  return parts;
}

function findProviderParts(resources: Resources): ProviderParts {
  const typesByFunction = new Map<string, string[]>();
  for (const { Type, Properties } of Object.values(resources)) {
    const token = isCustomType(Type) ? Properties?.['ServiceToken'] : undefined;
    const attribute = isObject(token) ? token['Fn::GetAtt'] : undefined;
    const named = Array.isArray(attribute) ? String(attribute[0]) : String(attribute ?? '').split('.')[0];
    if (named) typesByFunction.set(named, [...(typesByFunction.get(named) ?? []), Type]);
  }
  const isIdle = (types: readonly string[]) => types.every((type) => PROVIDER_STAYS_IDLE.includes(type));
  const idle = new Set([...typesByFunction].flatMap(([name, types]) => (isIdle(types) ? [name] : [])));
  const layersOf = (name: string) => JSON.stringify(resources[name]?.Properties?.['Layers'] ?? []);
  const users = Object.keys(resources).filter((name) => resources[name]?.Type === 'AWS::Lambda::Function');
  for (const [layer, { Type }] of Object.entries(resources)) {
    if (Type !== 'AWS::Lambda::LayerVersion') continue;
    const own = users.filter((name) => layersOf(name).includes(`{"Ref":"${layer}"}`));
    if (own.length > 0 && own.every((name) => idle.has(name))) idle.add(layer);
  }
  return { functions: new Set(typesByFunction.keys()), idle };
}

export function customResource(type: string): ResourceProvider {
  return {
    type,
    properties: [],
    external: true,
    replacedBy: [],
    create: (context, properties) => perform({ type, context, properties, RequestType: 'Create' }),
    update(context, properties, previous) {
      // What its provider has never heard of is new to it.
      if (previous.ranProvider !== true) return perform({ type, context, properties, RequestType: 'Create' });
      if (previous.properties.values['ServiceToken'] !== properties.values['ServiceToken'])
        throw new Error('Modifying service token is not allowed.');
      return perform({ type, context, properties, previous, RequestType: 'Update' });
    },
    async delete(context, previous) {
      if (previous.ranProvider !== true) return;
      const { properties } = previous;
      await perform({ type, context, properties, previous, RequestType: 'Delete' });
    },
  };
}

interface Change {
  readonly type: string;
  readonly context: ResourceContext;
  readonly properties: Properties;
  readonly previous?: PreviousResource;
  readonly RequestType: ProviderRequest['RequestType'];
}

async function perform(change: Change): Promise<ResourceValues> {
  const { context, properties, RequestType } = change;
  const problem = context.providers.problem(properties.optionalText('ServiceToken') ?? '');
  if (problem !== undefined && !properties.has('ServiceToken')) return nothing(change, problem);
  const serviceToken = properties.text('ServiceToken');
  if (/^arn:[\w-]+:sns:/.test(serviceToken)) {
    throw new Error(
      `its provider is the SNS topic ${serviceToken}, which the local target does not play; accept the type as doing nothing: deploy(…, { inertTypes: ['${change.type}'] })`,
    );
  }
  // CloudFormation invokes it for whoever deploys: in another account, if the function lets this one.
  if (context.state.functions.has(serviceToken.split(':').slice(0, 7).join(':')))
    context.requireAccess('lambda:InvokeFunction', serviceToken);
  if (problem !== undefined) return nothing(change, problem);
  const answer = await ask(change, serviceToken);
  if (!answer.succeeded && answer.missing !== undefined) return nothing(change, answer.missing);
  if (RequestType !== 'Delete') context.undo(() => takeBack(change, serviceToken, answer));
  if (!answer.succeeded) throw new Error(answer.reason);
  if (answer.physicalId === undefined) throw new Error('Invalid PhysicalResourceId: its provider gave none');
  const bytes = Buffer.byteLength(answer.physicalId);
  if (bytes > PHYSICAL_ID_MAX_BYTES) {
    throw new Error(`Invalid PhysicalResourceId: it may have ${PHYSICAL_ID_MAX_BYTES} bytes, and has ${bytes}`);
  }
  return { physicalId: answer.physicalId, attributes: answer.data, ranProvider: true };
}

function ask(
  { context, properties, previous, RequestType, type }: Change,
  ServiceToken: string,
): Promise<ProviderAnswer> {
  const timeoutSeconds = properties.optionalInteger('ServiceTimeout', { min: 1, max: MAX_TIMEOUT_SECONDS });
  const request: ProviderRequest = {
    RequestType,
    ServiceToken,
    StackId: context.stackId,
    RequestId: randomUUID(),
    LogicalResourceId: context.logicalId,
    ...(previous && { PhysicalResourceId: previous.physicalId }),
    ResourceType: type,
    ResourceProperties: asTexts(withoutInstall(properties.values)),
    ...(previous &&
      RequestType === 'Update' && { OldResourceProperties: asTexts(withoutInstall(previous.properties.values)) }),
  };
  return context.providers.run(request, timeoutSeconds ?? MAX_TIMEOUT_SECONDS);
}

/** What CloudFormation asks of the provider when the deployment fails later, or with this very request. */
async function takeBack(change: Change, serviceToken: string, answer: ProviderAnswer): Promise<void> {
  const { context, properties, previous } = change;
  const physicalId = answer.physicalId ?? previous?.physicalId ?? context.generateName(128);
  const now = { physicalId, attributes: {}, properties, ranProvider: true };
  const undone = await (previous
    ? ask({ ...change, properties: previous.properties, previous: now }, serviceToken)
    : ask({ ...change, previous: now, RequestType: 'Delete' }, serviceToken));
  if (!undone.succeeded && undone.missing === undefined) throw new Error(undone.reason);
}

/** The resource does nothing, and what it would have done is told once for all of its kind. */
function nothing({ context, previous, RequestType }: Change, reason: string): ResourceValues {
  if (RequestType === 'Delete') context.warn(`it was not told that it is deleted: ${reason}`);
  else context.doesNothing(reason);
  const { physicalId = context.generateName(128), attributes = {} } = previous ?? {};
  const ran = previous?.ranProvider && { ranProvider: true };
  return { physicalId, attributes, hasAnyAttribute: true, didNothing: true, ...ran };
}

/** `AwsCustomResource` would fetch the newest SDK from the registry, for a minute where there is no network: here the project's counts. */
function withoutInstall(values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return values['InstallLatestAwsSdk'] === undefined ? values : { ...values, InstallLatestAwsSdk: 'false' };
}

/** CloudFormation sends numbers and booleans as text. */
function asTexts(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, asText(value)]));
}

function asText(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asText);
  if (isObject(value)) return asTexts(value);
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
}

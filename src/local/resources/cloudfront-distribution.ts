/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudfront-distribution.html */

import type { BehaviorState, DistributionState, EdgeTrigger, Forwarding, OriginState } from '../cloudfront-state';
import { bothForward, FORWARDS_NOTHING, forwardingOf } from './cloudfront-policies';
import { fillPattern } from './made-up-names';
import type { Properties } from './properties';
import type { ResourceContext, ResourceProvider, ResourceValues } from './provider';
import { responseHeadersOf } from './response-headers-policy';

export const cloudFrontDistribution: ResourceProvider = {
  type: 'AWS::CloudFront::Distribution',
  properties: ['DistributionConfig'],
  withoutEffect: ['Tags'],

  create(context, properties) {
    const name = context.generateName(255);
    const id = `E${fillPattern('{ID13}', name, context)}`;
    return put(context, properties, id, `d${fillPattern('{id13}', name, context)}`);
  },

  update: (context, properties, { physicalId, attributes }) =>
    put(context, properties, physicalId, labelOf(attributes)),

  delete({ state }, { attributes }) {
    state.distributions.delete(labelOf(attributes));
  },
};

function labelOf(attributes: Readonly<Record<string, unknown>>): string {
  return String(attributes['DomainName']).split('.')[0] ?? '';
}

function put(context: ResourceContext, properties: Properties, id: string, label: string): ResourceValues {
  const config = properties.object('DistributionConfig');
  const { partition, account, state } = context;
  warnOfUnplayed(context, config);
  const distribution: DistributionState = {
    distributionId: id,
    arn: `arn:${partition}:cloudfront::${account}:distribution/${id}`,
    enabled: config.optionalText('Enabled') !== 'false',
    defaultRootObject: config.optionalText('DefaultRootObject') ?? '',
    behaviors: [
      ...config.items('CacheBehaviors').map((each) => readBehavior(context, each, each.text('PathPattern'))),
      readBehavior(context, config.object('DefaultCacheBehavior'), '*'),
    ],
    origins: new Map(config.items('Origins').map((origin) => [origin.text('Id'), readOrigin(context, origin)])),
    errorPages: new Map(config.items('CustomErrorResponses').flatMap(readErrorPage)),
  };
  for (const { originId, pathPattern } of distribution.behaviors) {
    if (distribution.origins.has(originId)) continue;
    config.refuse('Origins', `must have the origin '${originId}' of the behavior '${pathPattern}'`);
  }
  state.distributions.set(label, distribution);
  return { physicalId: id, attributes: { DomainName: `${label}.cloudfront.net`, Id: id } };
}

/** What decides who gets in, and lets everybody in here. */
function warnOfUnplayed(context: ResourceContext, config: Properties): void {
  const geo = config.optionalObject('Restrictions')?.optionalObject('GeoRestriction')?.optionalText('RestrictionType');
  const found = [
    (config.optionalText('WebACLId') ?? '') !== '' && 'its firewall (WebACLId) lets everybody through',
    geo !== undefined && geo !== 'none' && 'its geographic restriction lets everybody through',
  ].filter((words) => words !== false);
  if (found.length > 0) context.unplayed(`here, ${found.join(', and ')}`);
}

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/GeneratingCustomErrorResponses.html */
const WITH_PAGE = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];

/** Without a page CloudFront only keeps the error for a while, and nothing is kept here. */
function readErrorPage(page: Properties): [number, { pagePath: string; responseCode?: number }][] {
  const status = page.optionalInteger('ErrorCode', { min: 400, max: 599 });
  if (status !== undefined && !WITH_PAGE.includes(status)) {
    page.refuse('ErrorCode', `must be one of ${WITH_PAGE.join(', ')}`);
  }
  const pagePath = page.optionalText('ResponsePagePath');
  const responseCode = page.optionalInteger('ResponseCode', { min: 200, max: 599 });
  if (status === undefined || pagePath === undefined) return [];
  return [[status, { pagePath, ...(responseCode !== undefined && { responseCode }) }]];
}

function readBehavior(context: ResourceContext, behavior: Properties, pathPattern: string): BehaviorState {
  const functions = behavior.items('FunctionAssociations');
  const functionFor = (eventType: string) =>
    functions.find((each) => each.text('EventType') === eventType)?.text('FunctionARN');
  const triggers = behavior.items('LambdaFunctionAssociations');
  const unplayed = unplayedPart(behavior) ?? unplayedFunction(context, functions) ?? unplayedTrigger(context, triggers);
  if (unplayed !== undefined) {
    context.warn(`requests to '${pathPattern}' are refused: the local target does not play ${unplayed}`);
  }
  const methods = behavior.texts('AllowedMethods');
  return {
    pathPattern,
    originId: behavior.text('TargetOriginId'),
    allowedMethods: methods.length > 0 ? methods : ['GET', 'HEAD'],
    forwarding: readForwarding(context, behavior),
    viewerRequest: functionFor('viewer-request'),
    viewerTrigger: triggerFor(triggers, 'viewer-request'),
    originTrigger: triggerFor(triggers, 'origin-request'),
    originResponseTrigger: triggerFor(triggers, 'origin-response'),
    viewerResponseTrigger: triggerFor(triggers, 'viewer-response'),
    viewerResponse: functionFor('viewer-response'),
    responseHeaders: responseHeadersOf(context, behavior),
    unplayed,
  };
}

function unplayedFunction({ state }: ResourceContext, functions: readonly Properties[]): string | undefined {
  for (const each of functions) {
    const known = state.edgeFunctions.get(each.text('FunctionARN'));
    if (known === undefined) return 'a CloudFront Function that no stack here defines';
    if (known.unplayed !== undefined) return known.unplayed;
  }
  return undefined;
}

function triggerFor(triggers: readonly Properties[], eventType: EdgeTrigger['eventType']): EdgeTrigger | undefined {
  const found = triggers.find((each) => each.text('EventType') === eventType);
  if (found === undefined) return undefined;
  const includeBody = found.optionalText('IncludeBody') === 'true';
  return { eventType, functionArn: found.text('LambdaFunctionARN'), includeBody };
}

function unplayedTrigger({ state }: ResourceContext, triggers: readonly Properties[]): string | undefined {
  for (const each of triggers) {
    const arn = each.text('LambdaFunctionARN').split(':');
    const version = state.functions.get(arn.slice(0, 7).join(':'))?.versions.get(arn[7] ?? '');
    if (version === undefined) return `the Lambda@Edge function ${arn.join(':')} (no stack here has this version)`;
  }
  return undefined;
}

/** What decides who gets in, or what the origin sees, and cannot be done here. */
function unplayedPart(behavior: Properties): string | undefined {
  const has = (name: string) => behavior.list(name).length > 0;
  if (has('TrustedKeyGroups') || has('TrustedSigners')) return 'signed URLs and cookies';
  return undefined;
}

function readForwarding(context: ResourceContext, behavior: Properties): Forwarding {
  const legacy = behavior.optionalObject('ForwardedValues');
  if (legacy !== undefined) return legacyForwarding(legacy);
  const policies = [behavior.optionalText('CachePolicyId'), behavior.optionalText('OriginRequestPolicyId')];
  return policies.reduce<Forwarding>((all, policyId) => {
    const one = forwardingOf(context, policyId);
    if (one === undefined) context.warn(`nothing is forwarded for the policy ${policyId}, which nobody here knows`);
    return bothForward(all, one ?? FORWARDS_NOTHING);
  }, FORWARDS_NOTHING);
}

function legacyForwarding(values: Properties): Forwarding {
  const headers = values.texts('Headers').map((name) => name.toLowerCase());
  const cookies = values.optionalObject('Cookies');
  const which = cookies?.optionalText('Forward') ?? 'none';
  const all = headers.includes('*');
  return {
    headers: all ? { kind: 'all' } : { kind: 'listed', names: headers },
    host: all || headers.includes('host'),
    queryString: values.optionalText('QueryString') === 'true' ? { kind: 'all' } : { kind: 'listed', names: [] },
    cookies: which === 'all' ? { kind: 'all' } : { kind: 'listed', names: cookies?.texts('WhitelistedNames') ?? [] },
  };
}

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/add-origin-custom-headers.html */
const NOT_CUSTOM =
  /^(cache-control|connection|content-length|cookie|host|if-(match|modified-since|none-match|range|unmodified-since)|max-forwards|pragma|proxy-(authenticate|authorization|connection)|range|request-range|te|trailer|transfer-encoding|upgrade|via|x-amz-.*|x-edge-.*|x-real-ip)$/;

function customName(header: Properties): string {
  const name = header.text('HeaderName').toLowerCase();
  return NOT_CUSTOM.test(name)
    ? header.refuse('HeaderName', 'must be a header that CloudFront lets an origin add')
    : name;
}

const READ_TIMEOUT_SECONDS = 30;
const CONNECTION_ATTEMPTS = 3;

function readOrigin({ state }: ResourceContext, origin: Properties): OriginState {
  const custom = origin.optionalObject('CustomOriginConfig');
  const accessControl = origin.optionalText('OriginAccessControlId') ?? '';
  const signing = state.originAccessControls.get(accessControl);
  if (accessControl !== '' && signing === undefined) {
    origin.refuse('OriginAccessControlId', 'must name an origin access control that a stack here defines');
  }
  const seconds = custom?.optionalInteger('OriginReadTimeout', { min: 1 }) ?? READ_TIMEOUT_SECONDS;
  const wholeSeconds = origin.optionalInteger('ResponseCompletionTimeout', { min: 1 });
  return {
    domainName: origin.text('DomainName'),
    originPath: origin.optionalText('OriginPath') ?? '',
    port: custom?.optionalInteger('HTTPPort', { min: 1, max: 65_535 }) ?? 80,
    customHeaders: Object.fromEntries(
      origin.items('OriginCustomHeaders').map((each) => [customName(each), each.text('HeaderValue')]),
    ),
    readTimeoutMs: seconds * 1_000,
    completionTimeoutMs: wholeSeconds && wholeSeconds * 1_000,
    connectionAttempts: origin.optionalInteger('ConnectionAttempts', { min: 1, max: 3 }) ?? CONNECTION_ATTEMPTS,
    signing,
  };
}

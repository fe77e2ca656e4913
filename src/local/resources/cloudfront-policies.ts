/**
 * What CloudFront forwards to an origin, and how it signs: cache policies, origin request policies, origin access control.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/controlling-origin-requests.html
 */

import type { Forwarding, Selection } from '../cloudfront-state';
import { ownMember } from '../own-member';
import { fillPattern } from './made-up-names';
import type { Properties } from './properties';
import type { ResourceContext, ResourceProvider, ResourceValues } from './provider';

const NOTHING: Selection = { kind: 'listed', names: [] };
const EVERYTHING: Selection = { kind: 'all' };
const listed = (...names: string[]): Selection => ({ kind: 'listed', names });
const headersOnly = (headers: Selection): Forwarding => ({
  headers,
  host: false,
  queryString: NOTHING,
  cookies: NOTHING,
});

/** No policy forwards anything. */
export const FORWARDS_NOTHING: Forwarding = headersOnly(NOTHING);

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html */
const MANAGED: Readonly<Record<string, Forwarding>> = {
  // CachingDisabled, CachingOptimized
  '4135ea2d-6df8-44a3-9df3-4b5a84be39ad': FORWARDS_NOTHING,
  '658327ea-f89d-4fab-a63d-7e88639e58f6': FORWARDS_NOTHING,
  // AllViewer, AllViewerExceptHostHeader
  '216adef6-5c7f-47e4-b989-5492eafa07d3': {
    headers: EVERYTHING,
    host: true,
    queryString: EVERYTHING,
    cookies: EVERYTHING,
  },
  'b689b0a8-53d0-40ab-baf2-68738e2966ac': {
    headers: EVERYTHING,
    host: false,
    queryString: EVERYTHING,
    cookies: EVERYTHING,
  },
  // CORS-CustomOrigin, UserAgentRefererHeaders
  '59781a5b-3903-41f3-afcb-af62929ccde1': headersOnly(listed('origin')),
  'acba4595-bd28-49b8-b9fe-13317c0390fa': headersOnly(listed('user-agent', 'referer')),
};

/** What the policy with this id forwards; undefined for one that nobody here knows. */
export function forwardingOf({ state }: ResourceContext, policyId: string | undefined): Forwarding | undefined {
  return policyId === undefined
    ? FORWARDS_NOTHING
    : (ownMember(MANAGED, policyId) ?? state.forwardingPolicies.get(policyId));
}

/** What either of two policies forwards. */
export function bothForward(one: Forwarding, other: Forwarding): Forwarding {
  return {
    headers: union(one.headers, other.headers),
    host: one.host || other.host,
    queryString: union(one.queryString, other.queryString),
    cookies: union(one.cookies, other.cookies),
  };
}

function union(one: Selection, other: Selection): Selection {
  if (one.kind === 'all' || other.kind === 'all') return EVERYTHING;
  if (one.kind === 'listed' && other.kind === 'listed') return listed(...one.names, ...other.names);
  if (one.kind === 'all-except' && other.kind === 'all-except') {
    return { kind: 'all-except', names: one.names.filter((name) => other.names.includes(name)) };
  }
  const [excluded, included] = one.kind === 'all-except' ? [one, other] : [other, one];
  return { kind: 'all-except', names: excluded.names.filter((name) => !included.names.includes(name)) };
}

/** A `…Behavior` such as `whitelist`, and the names it is about. */
function selection(config: Properties | undefined, kind: 'Cookie' | 'Header' | 'QueryString'): Selection {
  const behavior = config?.optionalText(`${kind}Behavior`) ?? 'none';
  const plural = kind === 'QueryString' ? 'QueryStrings' : `${kind}s`;
  const given = config?.texts(plural) ?? [];
  const names = kind === 'Header' ? given.map((name) => name.toLowerCase()) : given;
  if (behavior === 'none') return NOTHING;
  if (behavior === 'whitelist') return { kind: 'listed', names };
  if (behavior === 'allExcept') return { kind: 'all-except', names };
  if (behavior === 'allViewerAndWhitelistCloudFront' || /^all(Viewer)?$/.test(behavior)) return EVERYTHING;
  return config?.refuse(`${kind}Behavior`, 'must be one that CloudFront has') ?? NOTHING;
}

function readForwarding(config: Properties): Forwarding {
  const headers = selection(config.optionalObject('HeadersConfig'), 'Header');
  return {
    headers,
    host:
      headers.kind === 'all' ||
      (headers.kind === 'listed' && headers.names.includes('host')) ||
      (headers.kind === 'all-except' && !headers.names.includes('host')),
    queryString: selection(config.optionalObject('QueryStringsConfig'), 'QueryString'),
    cookies: selection(config.optionalObject('CookiesConfig'), 'Cookie'),
  };
}

function policyProvider(type: string, property: string, read: (config: Properties) => Forwarding): ResourceProvider {
  const put = (context: ResourceContext, properties: Properties, policyId: string): ResourceValues => {
    context.state.forwardingPolicies.set(policyId, read(properties.object(property)));
    return { physicalId: policyId, attributes: { Id: policyId } };
  };
  return {
    type,
    properties: [property],
    create: (context, properties) =>
      put(context, properties, fillPattern('{uuid}', context.generateName(255), context)),
    update: (context, properties, { physicalId }) => put(context, properties, physicalId),
    delete: ({ state }, { physicalId }) => {
      state.forwardingPolicies.delete(physicalId);
    },
  };
}

export const cachePolicy = policyProvider('AWS::CloudFront::CachePolicy', 'CachePolicyConfig', (config) =>
  readForwarding(config.object('ParametersInCacheKeyAndForwardedToOrigin')),
);

export const originRequestPolicy = policyProvider(
  'AWS::CloudFront::OriginRequestPolicy',
  'OriginRequestPolicyConfig',
  (config) => readForwarding(config),
);

export const originAccessControl: ResourceProvider = {
  type: 'AWS::CloudFront::OriginAccessControl',
  properties: ['OriginAccessControlConfig'],

  create: (context, properties) =>
    putAccessControl(context, properties, `E${fillPattern('{ID13}', context.generateName(255), context)}`),
  update: (context, properties, { physicalId }) => putAccessControl(context, properties, physicalId),

  delete({ state }, { physicalId }) {
    state.originAccessControls.delete(physicalId);
  },
};

function putAccessControl({ state }: ResourceContext, properties: Properties, id: string): ResourceValues {
  const config = properties.object('OriginAccessControlConfig');
  const behavior = config.optionalChoice('SigningBehavior', ['always', 'never', 'no-override']);
  state.originAccessControls.set(id, behavior ?? config.refuse('SigningBehavior', 'is required'));
  return { physicalId: id, attributes: { Id: id } };
}

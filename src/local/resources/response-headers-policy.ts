/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudfront-responseheaderspolicy.html */
import type { AddedHeader, CorsHeaders, ResponseHeaders } from '../cloudfront-state';
import { ownMember } from '../own-member';
import { fillPattern } from './made-up-names';
import type { Properties } from './properties';
import type { ResourceContext, ResourceProvider, ResourceValues } from './provider';

export const responseHeadersPolicy: ResourceProvider = {
  type: 'AWS::CloudFront::ResponseHeadersPolicy',
  properties: ['ResponseHeadersPolicyConfig'],

  create: (context, properties) => put(context, properties, fillPattern('{uuid}', context.generateName(255), context)),
  update: (context, properties, { physicalId }) => put(context, properties, physicalId),

  delete({ state }, { physicalId }) {
    state.responseHeaders.delete(physicalId);
  },
};

function put(context: ResourceContext, properties: Properties, id: string): ResourceValues {
  const config = properties.object('ResponseHeadersPolicyConfig');
  context.state.responseHeaders.set(id, {
    add: [
      ...securityHeaders(config.optionalObject('SecurityHeadersConfig')),
      ...(config.optionalObject('CustomHeadersConfig')?.items('Items') ?? []).map((item) =>
        added(customName(item), headerText(item, 'Value'), item),
      ),
    ],
    cors: corsHeaders(config.optionalObject('CorsConfig')),
    remove: (config.optionalObject('RemoveHeadersConfig')?.items('Items') ?? []).map((item) =>
      item.text('Header').toLowerCase(),
    ),
    serverTiming: samplingRate(config.optionalObject('ServerTimingHeadersConfig')),
  });
  return { physicalId: id, attributes: { Id: id } };
}

const NAME = /^[\w!#$%&'*+.^`|~-]+$/;
/** What HTTP takes as a value: printable characters of Latin-1. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
/** They say how the response is sent, which is CloudFront's own. */
const FRAMING = /^(?:connection|content-length|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade)$/i;

function customName(item: Properties): string {
  const name = item.text('Header');
  if (!NAME.test(name)) item.refuse('Header', 'must be the name of an HTTP header');
  if (FRAMING.test(name)) item.refuse('Header', 'must not be a header that says how the response is sent');
  return name;
}

function headerText(from: Properties, name: string): string {
  const value = from.text(name);
  if (!VALUE.test(value)) from.refuse(name, 'must be a header value: printable characters of Latin-1');
  return value;
}

function added(name: string, value: string, from: Properties): AddedHeader {
  return { name: name.toLowerCase(), value, overrides: from.optionalText('Override') === 'true' };
}

function samplingRate(config: Properties | undefined): number | undefined {
  if (config?.optionalText('Enabled') !== 'true') return undefined;
  const rate = Number(config.optionalText('SamplingRate') ?? 0);
  return rate >= 0 && rate <= 100 ? rate : config.refuse('SamplingRate', 'must be 0 to 100');
}

function securityHeaders(config: Properties | undefined): AddedHeader[] {
  const isSet = (from: Properties, name: string) => from.optionalText(name) === 'true';
  const one = (property: string, header: string, value: (from: Properties) => string): AddedHeader[] => {
    const from = config?.optionalObject(property);
    return from === undefined ? [] : [added(header, value(from), from)];
  };
  return [
    ...one('ContentSecurityPolicy', 'content-security-policy', (from) => headerText(from, 'ContentSecurityPolicy')),
    ...one('ContentTypeOptions', 'x-content-type-options', () => 'nosniff'),
    ...one(
      'FrameOptions',
      'x-frame-options',
      (from) => from.optionalChoice('FrameOption', ['DENY', 'SAMEORIGIN']) ?? from.text('FrameOption'),
    ),
    ...one('ReferrerPolicy', 'referrer-policy', (from) => headerText(from, 'ReferrerPolicy')),
    ...one('StrictTransportSecurity', 'strict-transport-security', (from) =>
      [
        `max-age=${headerText(from, 'AccessControlMaxAgeSec')}`,
        ...(isSet(from, 'IncludeSubdomains') ? ['includeSubDomains'] : []),
        ...(isSet(from, 'Preload') ? ['preload'] : []),
      ].join('; '),
    ),
    ...one('XSSProtection', 'x-xss-protection', (from) => {
      const report = from.has('ReportUri') ? headerText(from, 'ReportUri') : undefined;
      if (!isSet(from, 'Protection')) return '0';
      return ['1', ...(isSet(from, 'ModeBlock') ? ['mode=block'] : []), ...(report ? [`report=${report}`] : [])].join(
        '; ',
      );
    }),
  ];
}

const METHODS = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'];

function corsHeaders(config: Properties | undefined): CorsHeaders | undefined {
  if (config === undefined) return undefined;
  const items = (name: string) => {
    const list = config.optionalObject(name);
    const texts = list?.texts('Items') ?? [];
    if (!texts.every((text) => VALUE.test(text))) list?.refuse('Items', 'must be printable characters of Latin-1');
    return texts;
  };
  const origins = items('AccessControlAllowOrigins');
  const methods = items('AccessControlAllowMethods');
  const allowHeaders = items('AccessControlAllowHeaders');
  const credentials = config.optionalText('AccessControlAllowCredentials') === 'true';
  if (credentials && origins.includes('*'))
    config.refuse('AccessControlAllowCredentials', "must not be true where '*' is among AccessControlAllowOrigins");
  return {
    origins,
    credentials,
    allowHeaders,
    allowMethods: methods.includes('ALL') ? METHODS : methods,
    exposeHeaders: items('AccessControlExposeHeaders'),
    maxAge: config.has('AccessControlMaxAgeSec') ? headerText(config, 'AccessControlMaxAgeSec') : undefined,
    overrides: config.optionalText('OriginOverride') === 'true',
  };
}

const NO_HEADERS: ResponseHeaders = { add: [], cors: undefined, remove: [], serverTiming: undefined };
const ANY_ORIGIN: CorsHeaders = {
  origins: ['*'],
  credentials: false,
  allowHeaders: [],
  allowMethods: [],
  exposeHeaders: [],
  maxAge: undefined,
  overrides: false,
};
const WITH_PREFLIGHT: CorsHeaders = { ...ANY_ORIGIN, allowMethods: METHODS, exposeHeaders: ['*'] };
const SECURITY: readonly AddedHeader[] = [
  { name: 'referrer-policy', value: 'strict-origin-when-cross-origin', overrides: false },
  { name: 'strict-transport-security', value: 'max-age=31536000', overrides: false },
  { name: 'x-content-type-options', value: 'nosniff', overrides: true },
  { name: 'x-frame-options', value: 'SAMEORIGIN', overrides: false },
  { name: 'x-xss-protection', value: '1; mode=block', overrides: false },
];

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-response-headers-policies.html */
const MANAGED: Readonly<Record<string, ResponseHeaders>> = {
  // SimpleCORS, CORS-With-Preflight
  '60669652-455b-4ae9-85a4-c4c02393f86c': { ...NO_HEADERS, cors: ANY_ORIGIN },
  '5cc3b908-e619-4b99-88e5-2cf7f45965bd': { ...NO_HEADERS, cors: WITH_PREFLIGHT },
  // SecurityHeadersPolicy, CORS-and-SecurityHeadersPolicy, CORS-with-preflight-and-SecurityHeadersPolicy
  '67f7725c-6f97-4210-82d7-5512b31e9d03': { ...NO_HEADERS, add: SECURITY },
  'e61eb60c-9c35-4d20-a928-2b84e02af89c': { ...NO_HEADERS, cors: ANY_ORIGIN, add: SECURITY },
  'eaab4381-ed33-4a86-88ca-d9558dc6cd63': { ...NO_HEADERS, cors: WITH_PREFLIGHT, add: SECURITY },
};

/** What the policy of a behavior does to its responses. */
export function responseHeadersOf(context: ResourceContext, behavior: Properties): ResponseHeaders | undefined {
  const policyId = behavior.optionalText('ResponseHeadersPolicyId');
  if (policyId === undefined) return undefined;
  const found = ownMember(MANAGED, policyId) ?? context.state.responseHeaders.get(policyId);
  if (found === undefined) {
    context.warn(`responses are as they are for the policy ${policyId}, which nobody here knows`);
  }
  return found;
}

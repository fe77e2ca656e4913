/**
 * MOCK integrations, which answer without a back end: what the CDK writes for CORS preflight, and plain templates. The
 * template language (VTL) is not played beyond that, and a template that needs it says so.
 */
import type { RestIntegration } from '../../rest-api-state';
import { GatewayRefusal, unplayed } from './gateway-response';
import { headerOf, mappedValue, type RestCall } from './rest-call';

type MockIntegration = Extract<RestIntegration, { readonly kind: 'mock' }>;

export function mockResponse(call: RestCall, mock: MockIntegration): void {
  const { response, request } = call;
  const status = requestedStatus(call, mock);
  // The pattern is compared as a whole; the response without one answers for all others.
  const chosen =
    mock.responses.find(({ selectionPattern }) => selectionPattern !== '' && matches(selectionPattern, status)) ??
    mock.responses.find(({ selectionPattern }) => selectionPattern === '');
  if (chosen === undefined)
    throw new GatewayRefusal('API_CONFIGURATION_ERROR', `no integration response for ${status}`);
  const headers: Record<string, string> = {};
  for (const [name, expression] of Object.entries(chosen.parameters)) {
    const [, header] = /^method\.response\.header\.(.+)$/.exec(name) ?? [];
    const value = mappedValue(call, expression);
    if (header !== undefined && value !== undefined) headers[header.toLowerCase()] = value;
  }
  const template = templateFor(chosen.templates, headerOf(request, 'accept')) ?? '';
  const origin = allowedOrigin(template, headerOf(request, 'origin'));
  if (origin !== undefined) headers['access-control-allow-origin'] = origin;
  else if (/[#$]/.test(template) && !ORIGINS.test(template)) throw unplayed('a response template in VTL');
  response
    .writeHead(chosen.statusCode, {
      ...(chosen.statusCode !== 204 && { 'content-type': 'application/json' }),
      ...headers,
      'x-amzn-requestid': call.requestId,
      'x-amz-apigw-id': call.extendedRequestId,
    })
    .end(ORIGINS.test(template) ? '' : template);
}

/** What the request template renders: `{ statusCode: 200 }`, which need not be JSON. */
function requestedStatus({ request }: RestCall, { passthroughBehavior, requestTemplates }: MockIntegration): string {
  const contentType = headerOf(request, 'content-type')?.split(';')[0]?.trim() ?? 'application/json';
  const template = requestTemplates[contentType];
  if (template === undefined) {
    const refuses =
      passthroughBehavior === 'NEVER' ||
      (passthroughBehavior === 'WHEN_NO_TEMPLATES' && Object.keys(requestTemplates).length > 0);
    if (refuses) throw new GatewayRefusal('UNSUPPORTED_MEDIA_TYPE', `no request template for ${contentType}`);
  }
  if (template !== undefined && /#(set|if|foreach|macro)|\$/.test(template))
    throw unplayed('a request template in VTL');
  const [, status] = /["']?statusCode["']?\s*:\s*["']?(-?\d+)\b/.exec(template ?? '') ?? [];
  if (status === undefined) {
    throw new GatewayRefusal('API_CONFIGURATION_ERROR', 'the request template of a mock must render a statusCode');
  }
  return status;
}

function matches(pattern: string, status: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`).test(status);
  } catch (cause) {
    throw new GatewayRefusal(
      'API_CONFIGURATION_ERROR',
      `the selection pattern ${pattern} is no expression: ${String(cause)}`,
    );
  }
}

function templateFor(templates: Readonly<Record<string, string>>, accept: string | undefined): string | undefined {
  return templates[accept?.split(',')[0]?.trim() ?? ''] ?? templates['application/json'];
}

/** How the CDK writes several allowed origins. */
const ORIGINS = /^#set\(\$origin = \$input\.params\(\)\.header\.get\("Origin"\)\)/;

/** The origin of the request, where such a template allows it. */
function allowedOrigin(template: string, origin: string | undefined): string | undefined {
  if (!ORIGINS.test(template) || origin === undefined) return undefined;
  const allowed = [...template.matchAll(/\$origin == "([^"]+)"/g)].map(([, one]) => one);
  return allowed.includes(origin) ? origin : undefined;
}

/** What an SDK asks of an AWS service, told from the request alone: the service, the operation and the protocol. */
import type { IncomingHttpHeaders } from 'node:http';
import { ownMember } from '../own-member';
import { SDK_NAMES } from '../service-names';

/** https://smithy.io/2.0/aws/protocols/index.html */
export type ServiceProtocol = 'json' | 'query' | 'ec2' | 'rest-json' | 'rest-xml' | 'cbor';

export interface ServiceCall {
  /** As in the option `services` and in `AWS_ENDPOINT_URL_<SERVICE>`, for example `bedrock-runtime`. */
  readonly service: string;
  /** For example `GetParameter`; of a REST protocol method and path. */
  readonly operation: string;
  readonly protocol: ServiceProtocol;
  /** The name that requests are signed for, for example `bedrock`. */
  readonly signingName: string | undefined;
  /** The body, where it is a form. */
  readonly form?: URLSearchParams;
}

export interface ServiceRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

const SCOPE = /Credential=[^/]+\/\d{8}\/[^/]+\/([^/]+)\/aws4_request/;
/** By the prefix of their target: nobody signs what is asked for credentials. */
const UNSIGNED: Readonly<Record<string, string>> = {
  AWSCognitoIdentityProviderService: 'cognito-identity-provider',
  AWSCognitoIdentityService: 'cognito-identity',
};
const XML_SERVICES = new Set(['s3', 'cloudfront', 'route53']);

/** Of STS, in each of its requests: some are signed by nobody, as they ask for credentials. */
const STS_VERSION = '2011-06-15';

/** Whether a request is for an AWS service at all. */
export function isServiceRequest({
  headers,
  method,
  url,
}: Pick<ServiceRequest, 'headers'> & {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
}): boolean {
  const isUnsignedForm = method === 'POST' && url === '/' && !('authorization' in headers) && isForm(headers);
  return (
    isUnsignedForm ||
    SCOPE.test(headers.authorization ?? '') ||
    'x-amz-target' in headers ||
    'smithy-protocol' in headers
  );
}

function isForm(headers: IncomingHttpHeaders): boolean {
  return headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true;
}

export function readServiceCall(request: ServiceRequest): ServiceCall {
  const { body, headers, method, url } = request;
  const form = isForm(headers) ? new URLSearchParams(body.toString('utf8')) : undefined;
  const unsignedName = form?.get('Version') === STS_VERSION ? 'sts' : undefined;
  const signingName = SCOPE.exec(headers.authorization ?? '')?.[1] ?? unsignedName;
  const [path = '/'] = url.split('?');
  const service = sdkName(headers, signingName, path);
  const target = headers['x-amz-target'];
  if (typeof target === 'string') {
    return { service, operation: target.split('.').at(-1) ?? target, protocol: 'json', signingName };
  }
  const [, operation] = /\/operation\/([^/?]+)/.exec(path) ?? [];
  if (headers['smithy-protocol'] === 'rpc-v2-cbor' && operation !== undefined) {
    return { service, operation, protocol: 'cbor', signingName };
  }
  if (form !== undefined) {
    const operation = form.get('Action') ?? 'unknown';
    return { service, operation, protocol: signingName === 'ec2' ? 'ec2' : 'query', signingName, form };
  }
  const protocol = XML_SERVICES.has(signingName ?? '') ? 'rest-xml' : 'rest-json';
  return { service, operation: `${method} ${path}`, protocol, signingName };
}

function targetOf(headers: IncomingHttpHeaders): string {
  return String(headers['x-amz-target'] ?? '').split('.')[0] ?? '';
}

/** The SDKs for JavaScript say it in their user agent, as `api/bedrock-runtime#3.1`. */
function sdkName(headers: IncomingHttpHeaders, signingName: string | undefined, path: string): string {
  const agent = [headers['x-amz-user-agent'], headers['user-agent']].flat().join(' ');
  const [, told] = /(?:^|\s)api\/([\w-]+)[#/]/.exec(agent) ?? [];
  if (told !== undefined) return told.toLowerCase().replaceAll('_', '-');
  if (signingName === 'bedrock' && path.startsWith('/model/')) return 'bedrock-runtime';
  return ownMember(SDK_NAMES, signingName ?? '') ?? signingName ?? ownMember(UNSIGNED, targetOf(headers)) ?? 'unknown';
}

/** Decides with whose credentials, for which service and for which region a request is signed. */
import { show } from '../base/option-problem';
import { StreamError } from '../stream/errors/stream-error';
import type { AwsCredentials, AwsCredentialsProvider } from './sigv4/aws-credentials';
import type { SigningScope } from './sigv4/sign-request';

/** How to sign requests to an endpoint that has IAM authorization. */
export interface SigningOptions {
  /** Of the caller; a provider is asked before every request, so it may renew what expires. */
  readonly credentials: AwsCredentials | AwsCredentialsProvider;
  /** @default - the region in the URL's host; needed for a domain of your own */
  readonly region?: string | undefined;
  /** @default - by the URL's host: 'lambda' for a function URL, 'execute-api' for API Gateway; needed for a domain of your own */
  readonly service?: 'lambda' | 'execute-api' | undefined;
}

/**
 * - `none`: the endpoint is public, has an authorizer that wants headers of yours, or is a CloudFront distribution, which
 *   signs what it sends to the function URL by itself
 * - `iam`: signed with the credentials in the environment (`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`,
 *   `AWS_SESSION_TOKEN`), as they are there in a Lambda function or a CI job
 * - an object: signed with credentials of yours
 */
export type Sign = 'none' | 'iam' | SigningOptions;

export interface Signing {
  readonly scope: SigningScope;
  /** Milliseconds by which the service's clock is ahead of this one, as far as known. */
  clockSkewMs: number;
  /** @throws StreamError with code ACCESS_DENIED */
  credentials(): Promise<AwsCredentials>;
}

const FUNCTION_URL_HOST = /^[a-z0-9]+\.lambda-url\.([a-z0-9-]+)\.on\.aws$/;
const API_GATEWAY_HOST = /^[a-z0-9-]+\.execute-api\.([a-z0-9-]+)\.(?:amazonaws\.com|amazonaws\.com\.cn|api\.aws)$/;

/** Where the host belongs to a service of AWS that checks signatures. */
export function scopeOfHost(hostname: string): SigningScope | undefined {
  const [, lambdaRegion] = FUNCTION_URL_HOST.exec(hostname) ?? [];
  if (lambdaRegion !== undefined) return { service: 'lambda', region: lambdaRegion };
  const [, apiRegion] = API_GATEWAY_HOST.exec(hostname) ?? [];
  return apiRegion === undefined ? undefined : { service: 'execute-api', region: apiRegion };
}

/** CloudFront signs what it sends on by itself. */
export function isCloudFront({ hostname }: URL): boolean {
  return hostname.endsWith('.cloudfront.net');
}

/** Undefined where nothing is to be signed. @throws StreamError with code CONFIG_INVALID for what cannot be signed */
export function resolveSigning(sign: Sign, url: URL): Signing | undefined {
  if (sign === 'none') return undefined;
  const options = typeof sign === 'object' && sign !== null ? sign : undefined;
  if (sign !== 'iam' && options?.credentials === undefined) {
    throw invalid(`sign must be 'none', 'iam' or { credentials }, got ${show(sign)}`);
  }
  if (isCloudFront(url)) {
    const why = `CloudFront signs what it sends to the function URL, but ${url.hostname} cannot check a signature of yours`;
    throw invalid(`${why}; pass sign: 'none'`);
  }
  const known = scopeOfHost(url.hostname);
  const region = options?.region ?? known?.region;
  const service = options?.service ?? known?.service;
  if (region === undefined || service === undefined) {
    const missing = [region === undefined && 'region', service === undefined && 'service']
      .filter(Boolean)
      .join(' and ');
    const example = "sign: { credentials, region: 'eu-central-1', service: 'lambda' }";
    throw invalid(`${missing} cannot be read from the host ${url.hostname}; pass ${example}`);
  }
  const source = options?.credentials ?? fromEnvironment;
  return { scope: { region, service }, clockSkewMs: 0, credentials: () => getCredentials(source) };
}

/** Services accept signatures that are five minutes off; a smaller difference is not why one was refused. */
const TOLERATED_SKEW_MS = 4 * 60_000;

/** Takes the time over from the `Date` header of a refusal. False where that would not change the next signature. */
export function correctClock(signing: Signing | undefined, date: string | undefined): boolean {
  const skewMs = Date.parse(date ?? '') - Date.now();
  if (signing === undefined || !(Math.abs(skewMs - signing.clockSkewMs) > TOLERATED_SKEW_MS)) return false;
  signing.clockSkewMs = skewMs;
  return true;
}

async function getCredentials(source: AwsCredentials | AwsCredentialsProvider): Promise<AwsCredentials> {
  let credentials: AwsCredentials;
  try {
    credentials = typeof source === 'function' ? await source() : source;
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause);
    throw noCredentials(`the credentials provider failed: ${what}`, cause);
  }
  const { accessKeyId, secretAccessKey } = credentials ?? {};
  if (!accessKeyId || !secretAccessKey) throw noCredentials('the credentials lack accessKeyId or secretAccessKey');
  return credentials;
}

async function fromEnvironment(): Promise<AwsCredentials> {
  const { env = {} } =
    (globalThis as { process?: { env?: Readonly<Record<string, string | undefined>> } }).process ?? {};
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN } = env;
  if (!accessKeyId || !secretAccessKey) {
    const instead = 'pass sign: { credentials }, for example fromNodeProviderChain() of @aws-sdk/credential-providers';
    throw new Error(`sign: 'iam' found no AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment; ${instead}`);
  }
  return { accessKeyId, secretAccessKey, sessionToken: AWS_SESSION_TOKEN || undefined };
}

function invalid(message: string): StreamError {
  return StreamError.of('CONFIG_INVALID', message, {}, {});
}

function noCredentials(message: string, cause?: unknown): StreamError {
  return StreamError.of('ACCESS_DENIED', message, { reason: 'credentials' }, { cause });
}

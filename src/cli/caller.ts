/** Who calls, and where: the AWS SDK's own configuration, an endpoint instead of AWS, a role to assume first. */
import type * as ClientLambda from '@aws-sdk/client-lambda';
import type { LambdaClient, LambdaClientConfig } from '@aws-sdk/client-lambda';
import type { AwsCredentials } from '../fetcher/sigv4/aws-credentials';
import { sha256Hex } from '../fetcher/sigv4/digest';
import { signRequest } from '../fetcher/sigv4/sign-request';
import { loadClientLambda } from '../invoker/request/load-client-lambda';
import { UsageError } from './usage-error';

export interface CallerOptions {
  /** Address of a local target, or of another stand-in for AWS. @default - AWS */
  readonly endpoint?: string | undefined;
  /** @default - as the AWS SDK finds it */
  readonly region?: string | undefined;
  /** ARN of a role to assume. @default - whoever the AWS SDK finds */
  readonly as?: string | undefined;
  /** @default - as the AWS SDK finds them */
  readonly credentials?: AwsCredentials | undefined;
}

/** The SDK of the project; on versions of Node.js that it will leave behind, without eight lines about that at each call. */
export function loadSdk(): Promise<typeof ClientLambda> {
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  return loadClientLambda();
}

/** A client of Lambda for that caller. */
export async function lambdaClient({ endpoint, region, as, credentials }: CallerOptions): Promise<LambdaClient> {
  if (endpoint !== undefined && !isHttpUrl(endpoint)) {
    throw new UsageError(
      `--endpoint must be the address of a local target, such as http://127.0.0.1:4566, got '${endpoint}'`,
    );
  }
  if (as !== undefined && !/^arn:[\w-]+:iam::\d{12}:role\/.+$/.test(as)) {
    throw new UsageError(`--as must be the ARN of a role, such as arn:aws:iam::111111111111:role/Caller, got '${as}'`);
  }
  const sdk = await loadSdk();
  const config: LambdaClientConfig = {
    ...(endpoint !== undefined && { endpoint }),
    ...(region !== undefined && { region }),
    ...(credentials !== undefined && { credentials }),
    // The caller of a command decides whether to try again.
    maxAttempts: 1,
  };
  const client = new sdk.LambdaClient(config);
  return as === undefined ? client : assuming(sdk, client, config, as);
}

async function assuming(
  sdk: typeof ClientLambda,
  client: LambdaClient,
  config: LambdaClientConfig,
  roleArn: string,
): Promise<LambdaClient> {
  const region = await client.config.region();
  const base = await client.config.credentials();
  client.destroy();
  const credentials = await assumeRole(roleArn, base, region, stsEndpoint(config.endpoint, region));
  return new sdk.LambdaClient({ ...config, region, credentials });
}

/** https://docs.aws.amazon.com/general/latest/gr/sts.html */
function stsEndpoint(endpoint: LambdaClientConfig['endpoint'], region: string): string {
  const { AWS_ENDPOINT_URL_STS: own, AWS_ENDPOINT_URL: all } = process.env;
  const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return typeof endpoint === 'string' ? endpoint : (own ?? all ?? `https://sts.${region}.${suffix}`);
}

/**
 * A session of the role, by a request that needs no client of its own.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 */
async function assumeRole(
  roleArn: string,
  credentials: AwsCredentials,
  region: string,
  endpoint: string,
): Promise<AwsCredentials> {
  const url = new URL(endpoint);
  const fields = {
    Action: 'AssumeRole',
    Version: '2011-06-15',
    RoleArn: roleArn,
    RoleSessionName: 'cdk-lambda-streaming',
  };
  const body = new URLSearchParams(fields).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const hash = await sha256Hex(new TextEncoder().encode(body));
  const signed = await signRequest(
    { method: 'POST', url, headers },
    hash,
    credentials,
    { region, service: 'sts' },
    new Date(),
  );
  const response = await fetch(url, { method: 'POST', headers: signed, body });
  const answer = await response.text();
  const read = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(answer)?.[1] ?? '';
  if (!response.ok) {
    throw Object.assign(
      new Error(`${roleArn} cannot be assumed: ${plain(read('Message')) || `HTTP ${response.status}`}`),
      {
        code: read('Code') || 'ASSUME_ROLE_FAILED',
      },
    );
  }
  return {
    accessKeyId: read('AccessKeyId'),
    secretAccessKey: plain(read('SecretAccessKey')),
    sessionToken: plain(read('SessionToken')),
  };
}

/** XML text as characters. */
function plain(text: string): string {
  const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
  return text.replace(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => entities[name] ?? '');
}

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

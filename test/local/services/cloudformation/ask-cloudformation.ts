/** Asks CloudFormation of a local target, by the query protocol, as the clients do. */
import type { LocalTarget } from 'cdk-lambda-streaming/local';
import { signedHeaders } from '../../http/sign-request';

export const ENV = { account: '111111111111', region: 'eu-west-1' };

/** Status and text of an answer. */
export function askCloudFormation(
  local: LocalTarget,
  Action: string,
  input: Readonly<Record<string, string>> = {},
): Promise<string> {
  const body = String(new URLSearchParams({ Action, Version: '2010-05-15', ...input }));
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return send(local, '/', { method: 'POST', body, headers, service: 'cloudformation' });
}

/** Puts an object in a bucket. @param path `/bucket/key` */
export function putObject(local: LocalTarget, path: string, body: string): Promise<string> {
  return send(local, path, { method: 'PUT', body, service: 's3' });
}

interface Request {
  readonly method: string;
  readonly body: string;
  readonly headers?: Record<string, string>;
  readonly service: string;
}

async function send(local: LocalTarget, path: string, request: Request): Promise<string> {
  const { body, method } = request;
  const { credentials, region } = local.clientConfig({ as: `arn:aws:iam::${ENV.account}:root`, region: ENV.region });
  const url = `${local.endpoint}${path}`;
  const headers = await signedHeaders(url, region, credentials, request);
  const response = await fetch(url, { method, headers, body });
  return `${response.status} ${await response.text()}`;
}

/** Asks CloudFormation of a local target, by the query protocol, as the clients do. */
import type { LocalTarget } from 'cdk-lambda-streaming/local';
import { signedHeaders } from '../../http/sign-request';

export const ENV = { account: '111111111111', region: 'eu-west-1' };

/** Status and text of an answer. */
export async function askCloudFormation(
  local: LocalTarget,
  Action: string,
  input: Readonly<Record<string, string>> = {},
): Promise<string> {
  const body = String(new URLSearchParams({ Action, Version: '2010-05-15', ...input }));
  const { credentials, region } = local.clientConfig({ as: `arn:aws:iam::${ENV.account}:root`, region: ENV.region });
  const headers = await signedHeaders(`${local.endpoint}/`, region, credentials, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    service: 'cloudformation',
  });
  const response = await fetch(local.endpoint, { method: 'POST', headers, body });
  return `${response.status} ${await response.text()}`;
}

/** Assumes a role on AWS by the `aws` CLI, with whatever credentials it is configured to use. */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Temporary credentials in the shape AWS SDK clients take. */
export interface RoleCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

/** Credentials of a session of the role. Throws when the CLI is missing or may not assume it. */
export async function assumeRole(roleArn: string): Promise<RoleCredentials> {
  const args = ['sts', 'assume-role', '--role-arn', roleArn, '--role-session-name', 'stream-test', '--output', 'json'];
  let stdout: string;
  try {
    ({ stdout } = await promisify(execFile)('aws', args, { env: process.env }));
  } catch (error) {
    throw new Error(`cannot assume ${roleArn} with the aws CLI: ${reasonOf(error)}`, { cause: error });
  }
  const { Credentials: issued } = JSON.parse(stdout) as { Credentials: Record<string, string> };
  return {
    accessKeyId: issued['AccessKeyId'] ?? '',
    secretAccessKey: issued['SecretAccessKey'] ?? '',
    sessionToken: issued['SessionToken'] ?? '',
    expiration: new Date(issued['Expiration'] ?? 0),
  };
}

function reasonOf(error: unknown): string {
  const { code, stderr, message } = error as { code?: unknown; stderr?: string; message?: string };
  if (code === 'ENOENT')
    return 'it is not installed; see https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html';
  return stderr?.trim() || String(message);
}

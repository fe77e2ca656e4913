/** Who a test is on AWS: whoever the AWS SDK finds, or a role that the `aws` CLI assumes with the credentials it finds. */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { loadClientLambda } from '../invoker/request/load-client-lambda';
import { readAssembly } from '../local/assembly/read-assembly';

/** Credentials in the shape AWS SDK clients take. */
export interface TestCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Present with temporary credentials. */
  readonly sessionToken?: string;
  /** Present with temporary credentials. */
  readonly expiration?: Date;
}

/** Temporary credentials in the shape AWS SDK clients take. */
export interface RoleCredentials extends TestCredentials {
  readonly sessionToken: string;
  readonly expiration: Date;
}

/** What is left of a session when a new one is asked for. */
const SPARE_MS = 60_000;

/** A provider of credentials of the role. Who signs asks before each request, and the CLI takes a second to answer. */
export function roleCredentials(roleArn: string): () => Promise<RoleCredentials> {
  let session: Promise<RoleCredentials> | undefined;
  let endsAt = 0;
  return () => {
    if (session !== undefined && endsAt - Date.now() > SPARE_MS) return session;
    session = assumeRole(roleArn);
    endsAt = Number.POSITIVE_INFINITY; // whoever asks meanwhile waits for this one
    session.then(
      ({ expiration }) => {
        endsAt = expiration.getTime();
      },
      () => {
        session = undefined; // the next request tries again
      },
    );
    return session;
  };
}

/** For the option `sign` of `streamFetcher` and `wholeFetch`, or any other signer of Signature Version 4. */
export interface TestSigner {
  readonly credentials: TestCredentials | (() => Promise<TestCredentials>);
  /** @default - on AWS, where the stacks are in several regions or do not say theirs: as the URL's host says it */
  readonly region?: string;
  readonly service: 'execute-api' | 'lambda';
}

/** Whose signature it is, and for what. */
export interface TestSigningOptions {
  /** ARN of the role that calls. @default - locally an administrator of the only account, on AWS whoever the SDK finds */
  readonly as?: string;
  /** @default - the region of the stacks */
  readonly region?: string;
  /** Who checks the signature: Lambda for function URLs, API Gateway for its APIs. @default 'lambda' */
  readonly service?: TestSigner['service'];
}

/** A signer for what the stacks in `assembly` deployed to AWS. */
export function signerOnAws(assembly: string, options: TestSigningOptions): TestSigner {
  const { as, region = onlyRegion(assembly), service = 'lambda' } = options;
  const credentials = as === undefined ? ownCredentials : roleCredentials(as);
  return { credentials, ...(region !== undefined && { region }), service };
}

/** The credentials that the AWS SDK finds. */
async function ownCredentials(): Promise<TestCredentials> {
  const { LambdaClient } = await loadClientLambda();
  const client = new LambdaClient({});
  try {
    return await client.config.credentials();
  } finally {
    client.destroy();
  }
}

/** The region of the stacks in an assembly; undefined where they have several, or get theirs from the deployment. */
function onlyRegion(assembly: string): string | undefined {
  const [region, ...others] = new Set(readAssembly(assembly).stacks.map((stack) => stack.region));
  return others.length === 0 ? region : undefined;
}

/** Credentials of a session of the role. Throws when the CLI is missing or may not assume it. */
async function assumeRole(roleArn: string): Promise<RoleCredentials> {
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

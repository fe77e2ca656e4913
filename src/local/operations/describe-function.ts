/** What `GetFunction` and `GetFunctionConfiguration` tell of a function or version. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AliasState, FunctionConfiguration } from '../state';

/** `Configuration` of the answer (https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html). */
export function describeConfiguration(
  configuration: FunctionConfiguration,
  resourceArn: string,
): Record<string, unknown> {
  const { architecture, environment, handler, imageUri, lastModified, logFormat, logGroupName, runtime } =
    configuration;
  return {
    FunctionName: configuration.functionName,
    FunctionArn: resourceArn,
    Version: configuration.version,
    ...(imageUri === undefined && { Runtime: runtime, Handler: handler }),
    Role: configuration.roleArn,
    Timeout: configuration.timeoutSeconds,
    MemorySize: configuration.memoryMb,
    Environment: { Variables: environment },
    LoggingConfig: { LogFormat: logFormat ?? 'Text', LogGroup: logGroupName },
    PackageType: imageUri === undefined ? 'Zip' : 'Image',
    Architectures: [architecture ?? 'x86_64'],
    ...codeOf(configuration),
    // AWS writes the offset out: 2026-11-22T12:00:00.000+0000.
    LastModified: new Date(lastModified ?? 0).toISOString().replace('Z', '+0000'),
    RevisionId: revisionId(configuration),
    State: 'Active',
    LastUpdateStatus: 'Successful',
  };
}

interface CodeMembers {
  readonly CodeSha256: string;
  readonly CodeSize: number;
}

/** A configuration is immutable, and reading its code may take a while. */
const known = new WeakMap<FunctionConfiguration, CodeMembers>();

/** AWS measures the archive. Here the code is a folder: the sum of its files, and a digest of their paths and bytes. */
function codeOf(configuration: FunctionConfiguration): CodeMembers {
  const code = known.get(configuration) ?? readCode(configuration);
  known.set(configuration, code);
  return code;
}

function readCode({ codeDirectory, imageUri }: FunctionConfiguration): CodeMembers {
  const digest = createHash('sha256');
  // The size of an image is 0 on AWS too, and its digest is in hexadecimal digits.
  if (imageUri !== undefined) return { CodeSha256: digest.update(imageUri).digest('hex'), CodeSize: 0 };
  let size = 0;
  for (const path of filesIn(codeDirectory)) {
    const content = readFileSync(join(codeDirectory, path));
    size += content.length;
    digest.update(`${path}\0${content.length}\0`).update(content);
  }
  return { CodeSha256: digest.digest('base64'), CodeSize: size };
}

/** Paths of all files, in one order on every machine. A link is no file: what it leads to is in the folder, or nowhere. */
function filesIn(folder: string): string[] {
  const paths: string[] = [];
  const walk = (within: string): void => {
    for (const entry of readdirSync(join(folder, within), { withFileTypes: true })) {
      const path = within === '' ? entry.name : `${within}/${entry.name}`;
      if (entry.isDirectory()) walk(path);
      else if (entry.isFile()) paths.push(path);
    }
  };
  // Somebody may have removed it, which an invocation tells.
  if (existsSync(folder)) walk('');
  return paths.sort();
}

/** In the form of a UUID, and another one after each update, as AWS gives it for conditional updates. */
export function revisionId(described: AliasState | FunctionConfiguration): string {
  const hex = createHash('sha256').update(JSON.stringify(described)).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}

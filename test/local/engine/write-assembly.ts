/** Writes small cloud assemblies from templates, for tests that need a template the CDK would not write. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Template } from '../../../src/local/assembly/template';

export interface StackSource {
  readonly account?: string;
  readonly region?: string;
  readonly dependencies?: readonly string[];
  readonly template: Template;
  readonly displayName?: string;
}

const folders: string[] = [];

/** Removes what {@link writeAssembly} and {@link temporaryFolder} made. */
export function removeFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'local-engine-'));
  folders.push(folder);
  return folder;
}

/** A cloud assembly of `stacks`, with further `files` by their path in it. */
export function writeAssembly(
  stacks: Readonly<Record<string, StackSource>>,
  files: Readonly<Record<string, string | Buffer>> = {},
  assets: Readonly<Record<string, { readonly path: string; readonly packaging: 'zip' | 'file' }>> = {},
): string {
  const directory = temporaryFolder();
  const write = (file: string, content: string | Buffer) => {
    mkdirSync(dirname(join(directory, file)), { recursive: true });
    writeFileSync(join(directory, file), content);
  };
  const artifacts: Record<string, unknown> = {
    assets: { type: 'cdk:asset-manifest', properties: { file: 'assets.json' } },
  };
  for (const [name, { account, region, dependencies = [], template, displayName }] of Object.entries(stacks)) {
    write(`${name}.template.json`, JSON.stringify(template));
    artifacts[name] = {
      type: 'aws:cloudformation:stack',
      environment: `aws://${account ?? 'unknown-account'}/${region ?? 'unknown-region'}`,
      properties: { templateFile: `${name}.template.json` },
      dependencies: ['assets', ...dependencies],
      displayName: displayName ?? name,
      metadata: Object.fromEntries(
        Object.keys(template?.Resources ?? {}).map((id) => [
          `/${name}/${id}/Resource`,
          [{ type: 'aws:cdk:logicalId', data: id }],
        ]),
      ),
    };
  }
  const manifestFiles = Object.entries(assets).map(([hash, { path, packaging }]) => [
    hash,
    { source: { path, packaging }, destinations: { here: { bucketName: 'assets', objectKey: `${hash}.zip` } } },
  ]);
  write('assets.json', JSON.stringify({ version: '53.0.0', files: Object.fromEntries(manifestFiles) }));
  write('manifest.json', JSON.stringify({ version: '53.0.0', artifacts }));
  for (const [file, content] of Object.entries(files)) write(file, content);
  return directory;
}

/** Trusts Lambda and the account itself. */
export const TRUST = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
};

/** A role and a function with inline code; overrides go to the function. */
export function functionResources(overrides: Readonly<Record<string, unknown>> = {}) {
  return {
    Role: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: TRUST } },
    Fn: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        Code: { ZipFile: 'exports.handler = async () => 1;' },
        Handler: 'index.handler',
        Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
        Runtime: 'nodejs24.x',
        ...overrides,
      },
    },
  };
}

/** A throw-away project on disk, and apps that synthesize functions from it. */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { App, type AppProps, Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { StreamingBundlingOptions } from '../../../src/constructs/streaming-bundling-options';
import { StreamingCode } from '../../../src/constructs/streaming-code';

const made: string[] = [];

/** The real esbuild, which every project has as its own, with a count of how often it is asked to bundle. */
const COUNTING_ESBUILD = `
  const esbuild = require(${JSON.stringify(require.resolve('esbuild'))});
  globalThis.esbuildPasses = 0;
  const buildSync = (options) => {
    if (options.bundle) globalThis.esbuildPasses++;
    return esbuild.buildSync(options);
  };
  module.exports = { ...esbuild, buildSync };
`;

/** Two entries that share a module, one whose import is not there, and one that is no TypeScript. */
export const SIMPLE_ENTRIES = {
  'src/a.ts': "import { shared } from './shared'; export const handler = async (): Promise<string> => shared + 'a';",
  'src/b.ts': "import { shared } from './shared'; export const handler = async () => shared + 'b';",
  'src/shared.ts': "export const shared = 'from shared';",
  'src/broken.ts': "import './not-there'; export const handler = 1;",
  'src/worse.ts': 'export const handler = ;',
};

declare global {
  var esbuildPasses: number;
}

export class Project {
  /** A project with a lock file, a `node_modules` and the given files. */
  public static create(files: Record<string, string>): Project {
    const root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'bundling-')));
    made.push(root);
    const project = new Project(root);
    project.write({ 'package.json': '{"name":"app"}', 'package-lock.json': '{"lockfileVersion":3}', ...files });
    project.write({
      'node_modules/esbuild/package.json': '{"name":"esbuild"}',
      'node_modules/esbuild/index.js': COUNTING_ESBUILD,
    });
    return project;
  }

  private constructor(public readonly root: string) {}

  public path(name: string): string {
    return path.join(this.root, name);
  }

  public write(files: Record<string, string>): void {
    for (const [name, text] of Object.entries(files)) {
      fs.mkdirSync(path.dirname(this.path(name)), { recursive: true });
      fs.writeFileSync(this.path(name), text);
    }
  }

  /** Every file but those of the cache, by name; what a link leads to is not looked into. */
  public files(dir = ''): string[] {
    return fs
      .readdirSync(this.path(dir), { withFileTypes: true })
      .flatMap((entry) => {
        const name = path.join(dir, entry.name);
        if (entry.isDirectory()) return entry.name === '.cache' ? [] : this.files(name);
        return [name];
      })
      .sort();
  }

  public cacheEntries(): string[] {
    const dir = this.path('node_modules/.cache/cdk-lambda-streaming');
    return fs.existsSync(dir) ? fs.readdirSync(dir).filter((name) => name !== 'trimmed') : [];
  }
}

/** How often esbuild built something since the last call. */
export function passesSince(): number {
  const passes = globalThis.esbuildPasses;
  globalThis.esbuildPasses = 0;
  return passes;
}

/** Removes every project; call in `afterAll`. */
export function removeProjects(): void {
  for (const root of made.splice(0)) fs.rmSync(root, { recursive: true, force: true });
}

/** Time stamps tick coarsely: after this, what was written counts as settled and may be cached. */
export async function settled(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 70));
}

export function streamingFunction(
  scope: Construct,
  id: string,
  entry: string,
  options?: StreamingBundlingOptions,
): lambda.Function {
  return new lambda.Function(scope, id, {
    code: StreamingCode.fromEntry(entry, options),
    handler: 'index.handler',
    runtime: lambda.Runtime.NODEJS_22_X,
  });
}

export function newStack(props?: AppProps): Stack {
  return new Stack(new App({ analyticsReporting: false, ...props }), 'Stack');
}

/** Asset hashes of a stack's functions, in the order of their logical ids. */
export function assetHashes(stack: Stack): string[] {
  const functions = Template.fromStack(stack).findResources('AWS::Lambda::Function');
  return Object.keys(functions)
    .sort()
    .map((id) => String(functions[id]?.['Properties'].Code.S3Key).replace('.zip', ''));
}

/** Hash and files of one entry synthesized by itself. */
export function synth(entry: string, options?: StreamingBundlingOptions, props?: AppProps): SynthResult {
  const stack = newStack(props);
  streamingFunction(stack, 'Fn', entry, options);
  const [hash = ''] = assetHashes(stack);
  return { hash, dir: assetDir(stack, hash) };
}

export interface SynthResult {
  readonly hash: string;
  readonly dir: string;
}

export function assetDir(stack: Stack, hash: string): string {
  return path.join(stack.node.root instanceof App ? stack.node.root.assetOutdir : '', `asset.${hash}`);
}

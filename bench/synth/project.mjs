/** Writes the project to synthesize: one entry for each function, a shared module, and what they import. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const here = dirname(fileURLToPath(import.meta.url));

/** Below the repository, so that aws-cdk-lib resolves, and ignored by git. */
const WORK = join(here, '.cache');

/** The program itself, not the dispatcher in JavaScript that starts it when install scripts did not run. */
export const ESBUILD_BINARY = require.resolve(`@esbuild/${process.platform}-${process.arch}/bin/esbuild`, {
  paths: [dirname(require.resolve('esbuild/package.json'))],
});

/** Refuses to run without what is compared with; gives the version of aws-cdk-lib that all variants use. */
export function requireRivals() {
  const modules = join(here, 'node_modules');
  const { dependencies } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));
  for (const [name, wanted] of Object.entries(dependencies)) {
    const manifest = join(modules, name, 'package.json');
    const found = existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')).version : 'none';
    if (found !== wanted)
      throw new Error(`${name} ${wanted} is wanted, found ${found}. Run: npm ci --prefix bench/synth`);
    // jsii-docgen reads every assembly below the repository, and would describe this version in API.md.
    rmSync(join(modules, name, '.jsii'), { force: true });
  }
  return dependencies['aws-cdk-lib'];
}

/** The bundler under test, compiled once, so that compiling is no part of the measurement. */
export function compileOurs() {
  return compile(join('constructs', 'bundling', 'streaming-code.ts'));
}

/** The setup file that the package exports for synth tests. */
export function compileSetup() {
  return compile(join('testing', 'synth-setup.ts'));
}

function compile(source) {
  const outfile = join(WORK, source.replaceAll(/[\\/]/g, '-').replace(/\.ts$/, '.cjs'));
  const flags = ['--bundle', '--platform=node', '--format=cjs', '--packages=external', `--outfile=${outfile}`];
  run(ESBUILD_BINARY, [join(here, '..', '..', 'src', source), ...flags]);
  return outfile;
}

/** A fresh project of one profile with `count` entries. */
export function writeProject(profile, count) {
  const root = join(WORK, `${profile}-${count}`);
  rmSync(root, { recursive: true, force: true });
  mkdirSync(join(root, 'src'), { recursive: true });
  mkdirSync(join(root, 'node_modules', '.bin'), { recursive: true });
  writeFileSync(join(root, 'package.json'), JSON.stringify({ name: 'bench', private: true }));
  // Ends the search for one: that of the repository is none of this project's business.
  writeFileSync(join(root, 'tsconfig.json'), '{}');
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ name: 'bench', lockfileVersion: 3, packages: {} }));
  // What NodejsFunction starts through npx, and what cdk-esbuild and ours load.
  symlinkSync(ESBUILD_BINARY, join(root, 'node_modules', '.bin', 'esbuild'));
  symlinkSync(dirname(require.resolve('esbuild/package.json')), join(root, 'node_modules', 'esbuild'));
  if (profile === 'heavy') {
    cpSync(dirname(require.resolve('zod/package.json')), join(root, 'node_modules', 'zod'), { recursive: true });
  }
  writeFileSync(join(root, 'src', 'shared.ts'), SHARED);
  for (let index = 0; index < count; index++) {
    writeFileSync(join(root, 'src', `fn${index}.ts`), profile === 'heavy' ? heavy(index) : light(index));
  }
  return root;
}

/** Bundles every entry ahead of time, for the variants that only pick bundles up. */
export function prebundle(root, count) {
  if (existsSync(join(root, 'dist'))) return;
  const entries = Array.from({ length: count }, (_, index) => `fn${index}/index=src/fn${index}.ts`);
  const flags = ['--bundle', '--platform=node', '--target=node22', '--external:@aws-sdk/*', '--outdir=dist'];
  run(ESBUILD_BINARY, [...entries, ...flags], root);
}

const SHARED = `
export const log = (name: string, details: object) => console.log(JSON.stringify({ name, time: Date.now(), ...details }));
export const words = (text: string) => text.split(/\\s+/).filter((word) => word.length > 0);
`;

const light = (index) => `
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { log, words } from './shared';
declare const awslambda: any;
const client = new DynamoDBClient({});
export const handler = awslambda.streamifyResponse(async (event: { prompt: string }, stream: any) => {
  log('fn${index}', { region: await client.config.region() });
  for (const word of words(event.prompt)) stream.write(JSON.stringify({ token: word, from: ${index} }) + '\\n');
  stream.end();
});
`;

const heavy = (index) => `import { z } from 'zod';
const input = z.object({ prompt: z.string(), number: z.literal(${index}).optional() });
${light(index).replace('words(event.prompt)', 'words(input.parse(event).prompt)')}`;

function run(file, args, cwd) {
  mkdirSync(WORK, { recursive: true });
  const { status, stderr } = spawnSync(file, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${file} failed:\n${stderr}`);
}

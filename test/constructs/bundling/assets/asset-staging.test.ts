/** Wherever the output folder, the app and the lock file are: the bundle is in the output folder, and nothing elsewhere. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { App, type AppProps, Stack, Stage } from 'aws-cdk-lib/core';
import type { StreamingBundlingOptions } from '../../../../src/constructs/streaming-bundling-options';
import { assetHashes, Project, passesSince, removeProjects, settled, streamingFunction } from '../project';

afterAll(removeProjects);

const home = process.cwd();
afterEach(() => process.chdir(home));

const FILES = {
  'infra/src/chat.ts': "import { shared } from '../../shared'; export const handler = async () => shared;",
  'shared.ts': "export const shared = 'from the root';",
  'apps/deep/cdk/cdk.json': '{}',
};

/** What a `cdk synth` does that is run in a folder of the project, with an output folder as the CLI passes it. */
function synthIn(
  project: Project,
  folder: string,
  props: AppProps,
  options?: StreamingBundlingOptions,
): { readonly app: App; readonly hash: string } {
  process.chdir(project.path(folder));
  const app = new App({ analyticsReporting: false, ...props });
  const stack = new Stack(app, 'Stack');
  streamingFunction(stack, 'Fn', project.path('infra/src/chat.ts'), options);
  app.synth();
  const [hash = ''] = assetHashes(stack);
  return { app, hash };
}

function bundleIn(outdir: string, hash: string): string {
  return fs.readFileSync(path.join(outdir, `asset.${hash}`, 'index.js'), 'utf8');
}

test.each([
  ['below the lock file', 'infra'],
  ['two folders away from the entry', 'apps/deep/cdk'],
  ['beside the lock file', '.'],
])('a relative output folder of an app %s, cold and warm, holds the bundle', async (_name, folder) => {
  const project = Project.create(FILES);
  const before = project.files();
  await settled();
  passesSince();
  for (const passes of [1, 0]) {
    const outdir = project.path(`${folder}/cdk.out`);
    const { hash } = synthIn(project, folder, { outdir: 'cdk.out' });
    expect(bundleIn(outdir, hash)).toContain('from the root');
    expect(fs.readdirSync(outdir).filter((name) => name.startsWith('bundling-temp'))).toEqual([]);
    fs.rmSync(outdir, { recursive: true });
    expect(project.files()).toEqual(before);
    expect(passesSince()).toBe(passes);
  }
});

test.each<[string, StreamingBundlingOptions]>([
  ['with a source map', { sourceMap: true }],
  ['with a file that a loader copies', { loader: { '.txt': 'copy' } }],
  ['built eagerly', { eager: true }],
  ['without the cache', { cache: false }],
])('the folder does not change the bundle, %s', (_name, options) => {
  const project = Project.create({ ...FILES, 'infra/src/a.txt': 'a' });
  const hashes = ['infra', '.', 'apps/deep/cdk'].map(
    (folder) => synthIn(project, folder, { outdir: 'cdk.out' }, { cache: false, ...options }).hash,
  );
  hashes.push(synthIn(project, 'infra', { outdir: project.path('elsewhere/out') }, { cache: false, ...options }).hash);
  expect(new Set(hashes).size).toBe(1);
});

test('command hooks are given absolute folders', () => {
  const project = Project.create(FILES);
  const given: string[] = [];
  const record = (input: string, output: string) => {
    given.push(input, output);
    return [];
  };
  const hooks = {
    beforeBundling: record,
    beforeInstall: record,
    afterBundling: (_input: string, output: string) => [`echo hooked > "${output}/hooked.txt"`],
  };
  const { hash } = synthIn(project, 'infra', { outdir: 'cdk.out' }, { commandHooks: hooks });
  expect(given.every((dir) => path.isAbsolute(dir))).toBe(true);
  expect(fs.readFileSync(project.path(`infra/cdk.out/asset.${hash}/hooked.txt`), 'utf8')).toBe('hooked\n');
});

test('an app above the only lock file bundles into its own folder', () => {
  const project = Project.create(FILES);
  fs.renameSync(project.path('package-lock.json'), project.path('infra/package-lock.json'));
  const { hash } = synthIn(project, '.', { outdir: 'out' });
  expect(bundleIn(project.path('out'), hash)).toContain('from the root');
  expect(fs.readdirSync(project.path('infra')).sort()).toEqual(['package-lock.json', 'src']);
});

test('without any lock file or package.json the folder of the entry stands for the project', () => {
  const project = Project.create(FILES);
  for (const name of ['package-lock.json', 'package.json']) fs.rmSync(project.path(name));
  const { hash } = synthIn(project, 'apps', { outdir: 'cdk.out' });
  expect(bundleIn(project.path('apps/cdk.out'), hash)).toContain('from the root');
});

test.each([
  [
    'which is a symbolic link',
    (project: Project) => {
      project.write({ 'real/out/.keep': '' });
      fs.symlinkSync(project.path('real/out'), project.path('infra/src/out'));
    },
  ],
  ['made among the sources by the first synth', () => undefined],
])('an output folder in a project behind a symbolic link, %s, keeps the cache warm', async (_name, prepare) => {
  const project = Project.create(FILES);
  const link = `${project.root}-link`;
  fs.symlinkSync(project.root, link);
  prepare(project);
  try {
    await settled();
    passesSince();
    const hashes = [1, 0].map((passes) => {
      const { hash } = synthIn(project, 'infra', { outdir: path.join(link, 'infra/src/out') });
      expect(passesSince()).toBe(passes);
      return hash;
    });
    expect(new Set(hashes).size).toBe(1);
    expect(bundleIn(project.path('infra/src/out'), hashes[0] ?? '')).toContain('from the root');
  } finally {
    fs.rmSync(link);
  }
});

test('a stage inside the app names the bundle relative to its own manifest', () => {
  const project = Project.create(FILES);
  process.chdir(project.path('infra'));
  const app = new App({ analyticsReporting: false, outdir: 'cdk.out' });
  const stack = new Stack(new Stage(app, 'Stage'), 'Stack');
  streamingFunction(stack, 'Fn', project.path('infra/src/chat.ts'));
  app.synth();
  const [hash = ''] = assetHashes(stack);
  const [manifest = ''] = fs
    .readdirSync(project.path('infra/cdk.out/assembly-Stage'))
    .filter((name) => name.endsWith('.assets.json'));
  const { files } = JSON.parse(fs.readFileSync(project.path(`infra/cdk.out/assembly-Stage/${manifest}`), 'utf8'));
  expect(files[hash].source.path).toBe(`../asset.${hash}`);
  Template.fromStack(stack).resourceCountIs('AWS::Lambda::Function', 1);
});

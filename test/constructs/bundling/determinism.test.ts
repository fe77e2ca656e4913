import * as fs from 'node:fs';
import * as path from 'node:path';
import { SourceMapMode } from 'aws-cdk-lib/aws-lambda-nodejs';
import type { StreamingBundlingOptions } from '../../../src/constructs/streaming-bundling-options';
import { Project, removeProjects, synth } from './project';

afterAll(removeProjects);

const FILES = {
  'src/handler.ts':
    "import { dependency } from 'dependency'; import image from './image.png'; export const handler = () => [dependency, image];",
  'src/image.png': 'not really an image',
  'node_modules/dependency/index.js': 'export const dependency = 1;',
  'node_modules/dependency/package.json': '{ "name": "dependency", "module": "index.js" }',
};

/** Two checkouts, the second deeper and reached through a symbolic link. */
function checkouts(): Project[] {
  const outer = Project.create({});
  const second = Project.create(FILES);
  fs.mkdirSync(outer.path('a/b/c'), { recursive: true });
  fs.symlinkSync(second.root, outer.path('a/b/c/link'));
  return [
    Project.create(FILES),
    Object.assign(second, { path: (name: string) => path.join(outer.path('a/b/c/link'), name) }),
  ];
}

test.each<[string, StreamingBundlingOptions]>([
  ['defaults', { loader: { '.png': 'dataurl' } }],
  ['minified', { minify: true, loader: { '.png': 'dataurl' } }],
  ['source map beside', { sourceMap: true, loader: { '.png': 'dataurl' } }],
  ['source map without sources', { sourceMap: true, sourcesContent: false, loader: { '.png': 'dataurl' } }],
  ['source map inline', { sourceMapMode: SourceMapMode.INLINE, loader: { '.png': 'dataurl' } }],
  ['metafile', { metafile: true, loader: { '.png': 'dataurl' } }],
  ['files beside', { loader: { '.png': 'file' } }],
  ['hash given', { assetHash: 'v1', loader: { '.png': 'dataurl' } }],
])('the asset hash is the same from two checkouts and two output folders: %s', (_name, options) => {
  const hashes = checkouts().flatMap((project) =>
    ['cdk.out', 'build/some/where/else'].map(
      (outdir) =>
        synth(project.path('src/handler.ts'), { ...options, cache: false }, { outdir: project.path(outdir) }).hash,
    ),
  );
  expect(hashes).toHaveLength(4);
  expect(new Set(hashes).size).toBe(1);
});

test.each<[string, (project: Project) => StreamingBundlingOptions]>([
  ['inject', (project) => ({ inject: [project.path('src/shim.ts')] })],
  ['tsconfig', (project) => ({ tsconfig: project.path('tsconfig.alt.json') })],
  ['tsconfig as a flag', (project) => ({ esbuildArgs: { '--tsconfig': project.path('tsconfig.alt.json') } })],
  ['alias', (project) => ({ esbuildArgs: { '--alias:dependency': project.path('src/shim.ts') } })],
  ['NODE_PATH', (project) => ({ environment: { NODE_PATH: project.path('src') } })],
])('an asset hash given by the user does not tell where the checkout is: %s', (_name, options) => {
  const hashes = checkouts().map((project) => {
    project.write({ 'src/shim.ts': 'export const dependency = 2;', 'tsconfig.alt.json': '{}' });
    const common = { assetHash: 'v1', loader: { '.png': 'dataurl' }, cache: false };
    return synth(project.path('src/handler.ts'), { ...common, ...options(project) }).hash;
  });
  expect(new Set(hashes).size).toBe(1);
});

test('an alias for a package and one for a path of the same name are told apart', () => {
  const [project = Project.create(FILES)] = checkouts();
  project.write({
    'other.ts': 'export const dependency = 2;',
    'node_modules/other/index.js': 'exports.dependency = 3;',
  });
  const hash = (to: string) =>
    synth(project.path('src/handler.ts'), {
      assetHash: 'v1',
      loader: { '.png': 'dataurl' },
      esbuildArgs: { '--alias:dependency': to },
    }).hash;
  expect(hash('other')).not.toBe(hash(project.path('other')));
});

test('a tsconfig given as a flag is relative to the project, from every working directory', () => {
  const project = Project.create({
    'src/handler.ts': 'class A { a = 1; } export const handler = () => new A();',
    'tsconfig.alt.json': '{ "compilerOptions": { "target": "es2021", "useDefineForClassFields": true } }',
  });
  const here = process.cwd();
  const build = () => synth(project.path('src/handler.ts'), { esbuildArgs: { '--tsconfig': 'tsconfig.alt.json' } });
  const hashes = [build().hash];
  try {
    process.chdir(project.path('src'));
    hashes.push(build().hash);
    project.write({ 'tsconfig.alt.json': '{ "compilerOptions": { "useDefineForClassFields": false } }' });
    hashes.push(build().hash);
  } finally {
    process.chdir(here);
  }
  expect(hashes[1]).toBe(hashes[0]);
  expect(hashes[2]).not.toBe(hashes[0]);
});

test('the asset hash is the same from every working directory', () => {
  const [project = Project.create(FILES)] = checkouts();
  const here = process.cwd();
  const options = { loader: { '.png': 'dataurl' }, cache: false };
  try {
    const hashes = [here, project.root, project.path('src')].map((dir) => {
      process.chdir(dir);
      return synth(project.path('src/handler.ts'), options).hash;
    });
    expect(new Set(hashes).size).toBe(1);
  } finally {
    process.chdir(here);
  }
});

test('source maps name the sources relative to a fixed place', () => {
  const project = Project.create(FILES);
  const { dir } = synth(project.path('src/handler.ts'), { sourceMap: true, loader: { '.png': 'dataurl' } });
  const map = JSON.parse(fs.readFileSync(path.join(dir, 'index.js.map'), 'utf8'));
  expect(map.sources).toContain('../../src/handler.ts');
});

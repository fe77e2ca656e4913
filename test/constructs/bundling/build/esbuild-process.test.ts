/**
 * Bundling where esbuild's API cannot be loaded, as under jsdom.
 *
 * @jest-environment <rootDir>/test/constructs/bundling/foreign-realm.ts
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { StreamingBundlingOptions } from '../../../../src/constructs/streaming-bundling-options';
import { Project, removeProjects, synth } from '../project';

afterAll(removeProjects);

/** With the esbuild of this package, which looks at the realm when it is loaded. */
function plainProject(): Project {
  const project = Project.create({
    'src/handler.ts': "import { shared } from './shared'; export const handler = async (): Promise<string> => shared;",
    'src/shared.ts': "export const shared = 'from shared';",
    'src/broken.ts': "import 'openai'; export const handler = 1;",
  });
  fs.rmSync(project.path('node_modules/esbuild'), { recursive: true });
  fs.symlinkSync(path.dirname(require.resolve('esbuild/package.json')), project.path('node_modules/esbuild'));
  return project;
}

test("esbuild's API does refuse this realm", () => {
  expect(() => jest.requireActual('esbuild')).toThrow('Invariant violation');
});

test.each<[string, StreamingBundlingOptions]>([
  ['by itself', {}],
  ['with a source map', { sourceMap: true }],
  ['with properties mangled by a pattern', { minify: true, esbuildArgs: { '--mangle-props': '_$' } }],
])('an entry is bundled all the same, %s', (_name, options) => {
  const { dir } = synth(plainProject().path('src/handler.ts'), { cache: false, ...options });
  expect(fs.readFileSync(path.join(dir, 'index.js'), 'utf8')).toContain('from shared');
});

test('what is wrong with an entry is told as ever', () => {
  expect(() => synth(plainProject().path('src/broken.ts'))).toThrow(
    /Could not resolve "openai"[\s\S]*npm install openai/,
  );
});

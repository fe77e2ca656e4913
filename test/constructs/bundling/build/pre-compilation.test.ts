/** `tsc` before esbuild, in projects as people have them. */
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { Project, removeProjects, synth } from '../project';

afterAll(removeProjects);

/** As `tsc --init` writes it, with path mapping, decorators, and options that concern output. */
const TSCONFIG = JSON.stringify({
  compilerOptions: {
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
    target: 'es2022',
    module: 'es2022',
    moduleResolution: 'bundler',
    types: [],
    lib: ['es2022'], // without that of browsers, which takes longer than all the rest
    paths: { '@core/*': ['./src/core/*'] },
    strict: true,
    skipLibCheck: true,
    noEmit: true,
    declaration: true,
    declarationMap: true,
    incremental: true,
    tsBuildInfoFile: './build-info',
    sourceMap: true,
  },
});

const FILES = {
  'src/handler.ts': `
    import { Event } from '@core/event';
    import { seen } from './seen';
    export const handler = () => ({ seen, name: new Event().name });`,
  'src/seen.ts': 'export const seen: unknown[] = [];',
  'src/core/event.ts': `
    import { seen } from '../seen';
    const metadata = (key: string, type: any) => { seen.push(key, type?.name); };
    (Reflect as any).metadata = (key: string, type: unknown) => () => metadata(key, type);
    const param = (_target: object, _key: string) => undefined;
    export class Event { @param public name: string = 'of the event'; }`,
  'tsconfig.json': TSCONFIG,
};

const answerOf = (dir: string): unknown =>
  JSON.parse(
    spawnSync(process.execPath, ['-p', 'JSON.stringify(require("./index.js").handler())'], {
      cwd: dir,
      encoding: 'utf8',
    }).stdout,
  );

test('path mapping, an empty list of types and output options compile, into a folder that is gone afterwards', () => {
  const project = Project.create(FILES);
  const before = project.files();
  const options = { preCompilation: true, sourceMap: true };
  const { dir, hash } = synth(project.path('src/handler.ts'), options);
  expect(answerOf(dir)).toEqual({ seen: ['design:type', 'String'], name: 'of the event' });
  expect(project.files()).toEqual(before);
  expect(fs.readdirSync(dir).sort()).toEqual(['index.js', 'index.js.map']);
  const { sources, sourcesContent } = JSON.parse(fs.readFileSync(path.join(dir, 'index.js.map'), 'utf8'));
  expect([...sources].sort()).toEqual(['../../src/core/event.ts', '../../src/handler.ts', '../../src/seen.ts']);
  expect(sourcesContent[sources.indexOf('../../src/core/event.ts')]).toBe(FILES['src/core/event.ts']);
  // The bundle depends neither on the place of the project nor on that of the output.
  const elsewhere = Project.create({ ...FILES, 'package.json': '{"name":"elsewhere"}' });
  expect(synth(elsewhere.path('src/handler.ts'), options).hash).toBe(hash);
});

test('what tsc refuses fails the synth', () => {
  const project = Project.create({ ...FILES, 'src/seen.ts': "export const seen: number = 'text';" });
  expect(() => synth(project.path('src/handler.ts'), { preCompilation: true })).toThrow(
    /cannot bundle 'Stack\/Fn' from .*handler\.ts:\n.*tsc.* failed/,
  );
});

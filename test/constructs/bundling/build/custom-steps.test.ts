import * as fs from 'node:fs';
import * as path from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import type { ICommandHooks } from 'aws-cdk-lib/aws-lambda-nodejs';
import { newStack, Project, passesSince, removeProjects, streamingFunction, synth } from '../project';

afterAll(removeProjects);

const project = Project.create({
  'package.json': JSON.stringify({ name: 'app', dependencies: { local: 'file:local' } }),
  'package-lock.json': JSON.stringify({
    name: 'app',
    lockfileVersion: 3,
    packages: {
      '': { dependencies: { local: 'file:local' } },
      local: { version: '1.0.0' },
      'node_modules/local': { resolved: 'local', link: true },
    },
  }),
  'local/package.json': '{"name":"local","version":"1.0.0"}',
  'src/handler.ts': "import { generated } from './generated'; export const handler = () => generated;",
});

const hooks = (given: Partial<ICommandHooks>): ICommandHooks => ({
  beforeBundling: () => [],
  beforeInstall: () => [],
  afterBundling: () => [],
  ...given,
});

test('command hooks run in the project, before and after, with their environment', () => {
  const { dir } = synth(project.path('src/handler.ts'), {
    commandHooks: hooks({
      beforeBundling: (input) => [`echo "export const generated = '$WORD';" > ${input}/src/generated.ts`],
      afterBundling: (_input, output) => [`pwd > ${output}/pwd.txt`, `ls ${output} > ${output}/ls.txt`],
    }),
    environment: { WORD: 'from the hook' },
  });
  expect(fs.readFileSync(path.join(dir, 'index.js'), 'utf8')).toContain('from the hook');
  expect(fs.readFileSync(path.join(dir, 'pwd.txt'), 'utf8').trim()).toBe(project.root);
  expect(fs.readFileSync(path.join(dir, 'ls.txt'), 'utf8')).toContain('index.js');
  expect(fs.statSync(dir).mode & 0o777).toBe(0o755);
});

test('bundles with command hooks are never taken from the cache', () => {
  const build = () =>
    synth(project.path('src/handler.ts'), { commandHooks: hooks({ beforeBundling: () => ['true'] }) });
  build();
  passesSince();
  build();
  expect(passesSince()).toBe(1);
});

test('a failing hook fails the synth, with the construct path and the command', () => {
  const stack = newStack();
  streamingFunction(stack, 'Fn', project.path('src/handler.ts'), {
    commandHooks: hooks({ beforeBundling: () => ['exit 3'] }),
  });
  expect(() => Template.fromStack(stack)).toThrow(
    /cannot bundle 'Stack\/Fn'.*\n'exit 3' failed in .* with exit status 3/,
  );
});

test('a hook that returns no list of commands is refused, rather than taken apart', () => {
  const stack = newStack();
  streamingFunction(stack, 'Fn', project.path('src/handler.ts'), {
    commandHooks: hooks({ beforeBundling: () => 'echo 1' as never }),
  });
  expect(() => Template.fromStack(stack)).toThrow(
    /cannot bundle 'Stack\/Fn'.*\ncommandHooks\.beforeBundling\(\) must return a list of commands, got 'echo 1'/,
  );
});

test('nodeModules are installed beside the bundle, with the versions of the project', () => {
  project.write({
    'bin/npm':
      '#!/bin/sh\nmkdir -p node_modules/local && cp package.json package-lock.json node_modules/local/ && echo "$@" > node_modules/local/args',
  });
  fs.chmodSync(project.path('bin/npm'), 0o755);
  project.write({ 'src/uses-local.ts': "import * as local from 'local'; export const handler = () => local;" });
  const { dir } = synth(project.path('src/uses-local.ts'), {
    nodeModules: ['local'],
    environment: { PATH: `${project.path('bin')}:${process.env['PATH']}` },
  });
  expect(fs.readFileSync(path.join(dir, 'index.js'), 'utf8')).toContain('require("local")');
  expect(fs.readFileSync(path.join(dir, 'node_modules/local/args'), 'utf8').trim()).toBe('ci');
  expect(JSON.parse(fs.readFileSync(path.join(dir, 'package.json'), 'utf8'))).toEqual({
    dependencies: { local: `file:${project.path('local')}` },
  });
});

test('nodeModules fail for a module nobody knows', () => {
  const stack = newStack();
  streamingFunction(stack, 'Fn', project.path('src/handler.ts'), { nodeModules: ['unheard-of'] });
  expect(() => Template.fromStack(stack)).toThrow(
    /nodeModules names 'unheard-of', which is neither in .*package\.json nor installed/,
  );
});

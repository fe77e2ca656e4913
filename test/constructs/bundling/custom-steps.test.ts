import * as fs from 'node:fs';
import * as path from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import type { ICommandHooks } from 'aws-cdk-lib/aws-lambda-nodejs';
import { newStack, Project, passesSince, removeProjects, streamingFunction, synth } from './project';

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

describe('in a container, only when asked', () => {
  const DOCKER = `#!${process.execPath}
    const { spawnSync } = require('node:child_process');
    const { appendFileSync } = require('node:fs');
    const args = process.argv.slice(2);
    appendFileSync(${JSON.stringify(project.path('docker.log'))}, JSON.stringify(args) + '\\n');
    if (args[0] !== 'run') process.exit(args[0] === 'image' ? 1 : 0);
    const mounts = args.flatMap((arg, index) => (args[index - 1] === '-v' ? [arg.split(':')] : []));
    const local = (text) => mounts.reduce((done, [host, container]) => done.replaceAll(container, host), text);
    const cwd = local(args[args.indexOf('-w') + 1]);
    const PATH = ${JSON.stringify(path.resolve('node_modules/esbuild/bin'))} + ':' + process.env.PATH;
    const { status } = spawnSync('bash', ['-c', local(args.at(-1))], { cwd, stdio: 'inherit', env: { PATH } });
    process.exit(status);`;

  /** A container runtime that runs commands here, with the mounted paths put back; the framework calls it as it is. */
  function withDocker(action: () => void): string[][] {
    project.write({ 'bin/docker': DOCKER, 'docker.log': '' });
    fs.chmodSync(project.path('bin/docker'), 0o755);
    process.env['CDK_DOCKER'] = project.path('bin/docker');
    try {
      action();
    } finally {
      delete process.env['CDK_DOCKER'];
    }
    return (
      fs
        .readFileSync(project.path('docker.log'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
        // Some versions of the framework look first whether the image exists.
        .filter(([command]) => command !== 'image')
    );
  }

  test('the same bundle comes out, built from the image of the runtime', () => {
    const options = { minify: true, define: { QUOTE: '"it\'s"' }, sourceMap: true, sourcesContent: false };
    project.write({ 'src/quoted.ts': 'export const handler = () => QUOTE;' });
    const entry = project.path('src/quoted.ts');
    const bundle = (dir: string) => fs.readFileSync(path.join(dir, 'index.js'), 'utf8');
    let built = '';
    const calls = withDocker(() => {
      built = bundle(synth(entry, { ...options, forceDockerBundling: true }).dir);
    });
    expect(built).toBe(bundle(synth(entry, options).dir));
    expect(calls.map(([command]) => command)).toEqual(['build', 'run']);
    expect(calls[0]).toContain('IMAGE=public.ecr.aws/sam/build-nodejs22.x');
    expect(calls[1]).toEqual(expect.arrayContaining(['--platform', 'linux/amd64', '-w', '/asset-input']));
  });

  test('hooks and installation run inside, with the paths of the container', () => {
    const calls = withDocker(() => {
      synth(project.path('src/quoted.ts'), {
        forceDockerBundling: true,
        define: { QUOTE: '1' },
        commandHooks: hooks({ afterBundling: (input, output) => [`echo ${input} ${output} > ${output}/paths`] }),
      });
    });
    expect(calls[1]?.at(-1)).toMatch(/ && echo \/asset-input \/asset-output > \/asset-output\/paths$/);
  });

  test('a container that fails is reported with the construct path', () => {
    const stack = newStack();
    streamingFunction(stack, 'Fn', project.path('src/quoted.ts'), { forceDockerBundling: true, command: ['exit 4'] });
    withDocker(() =>
      expect(() => Template.fromStack(stack)).toThrow(/cannot bundle 'Stack\/Fn'[\s\S]*container build failed/),
    );
  });
});

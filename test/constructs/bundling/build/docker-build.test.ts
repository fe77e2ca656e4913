/** Builds in a container: what a container runtime is told, and that the bundle is the one that is built without. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { LogLevel } from 'aws-cdk-lib/aws-lambda-nodejs';
import { BundlingFileAccess, DockerImage } from 'aws-cdk-lib/core';
import type { StreamingBundlingOptions } from '../../../../src/constructs/streaming-bundling-options';
import { newStack, Project, removeProjects, streamingFunction, synth } from '../project';

afterAll(removeProjects);

const project = Project.create({
  'src/quoted.ts': 'export const handler = () => QUOTE;',
  'src/plain.ts': 'export const handler = () => 1;',
  'src/shim.ts': "console.log('shim');",
  'tsconfig.json': '{ "compilerOptions": { "emitDecoratorMetadata": true, "module": "es2022" } }',
});

const DOCKER = `#!${process.execPath}
  const { spawnSync } = require('node:child_process');
  const { appendFileSync } = require('node:fs');
  const args = process.argv.slice(2);
  appendFileSync(${JSON.stringify(project.path('docker.log'))}, JSON.stringify(args) + '\\n');
  if (args[0] !== 'run') process.exit(args[0] === 'image' ? 1 : 0);
  const mounts = args.flatMap((arg, index) => (args[index - 1] === '-v' ? [arg.split(':')] : []));
  const local = (text) => mounts.reduce((done, [host, container]) => done.replaceAll(container, host), text);
  const cwd = local(args[args.indexOf('-w') + 1]);
  const PATH = ${JSON.stringify(`${project.path('bin')}:${path.resolve('node_modules/esbuild/bin')}`)} + ':' + process.env.PATH;
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
      commandHooks: {
        beforeBundling: () => [],
        beforeInstall: () => ['echo nothing is installed'],
        afterBundling: (input, output) => [`echo ${input} ${output} > ${output}/paths`],
      },
    });
  });
  expect(calls[1]?.at(-1)).toMatch(/ && echo \/asset-input \/asset-output > \/asset-output\/paths$/);
  expect(calls[1]?.at(-1)).not.toContain('nothing is installed');
});

test('a module is installed inside, after its hook', () => {
  project.write({ 'package.json': '{ "dependencies": { "one": "1.2.3" } }' });
  const { inside } = told('src/plain.ts', {
    nodeModules: ['one'],
    dockerImage: DockerImage.fromRegistry('image'),
    commandHooks: { beforeBundling: () => [], beforeInstall: () => ['echo hook && exit 0'], afterBundling: () => [] },
  });
  expect(inside).toMatch(/ && echo hook && exit 0 && .*"one":"1\.2\.3".* && .*npm /);
});

test('a container that fails is reported with the construct path', () => {
  const stack = newStack();
  streamingFunction(stack, 'Fn', project.path('src/quoted.ts'), { forceDockerBundling: true, command: ['exit 4'] });
  withDocker(() =>
    expect(() => Template.fromStack(stack)).toThrow(/cannot bundle 'Stack\/Fn'[\s\S]*container build failed/),
  );
});

/** What docker is told to build an image, to run it, and to do inside. */
function told(entry: string, options: StreamingBundlingOptions): { build: string[]; run: string[]; inside: string } {
  const calls = withDocker(() => {
    const stack = newStack();
    streamingFunction(stack, 'Fn', project.path(entry), { forceDockerBundling: true, ...options });
    Template.fromStack(stack);
  });
  const call = (command: string) => calls.find(([name]) => name === command) ?? [];
  return { build: call('build'), run: call('run'), inside: call('run').at(-1) ?? '' };
}

/** The flags, in this order and side by side. */
const sequence = (...flags: string[]) => expect.stringContaining(flags.join(' '));

/** Makes a bundle without esbuild. */
const TOUCH = { command: ['bash', '-c', 'touch /asset-output/index.js'] };

test('docker run is told of each option', () => {
  const { run } = told('src/plain.ts', {
    ...TOUCH,
    volumes: [{ hostPath: '/a', containerPath: '/b' }],
    volumesFrom: ['other'],
    environment: { A: '1', NODE_PATH: '/opt/modules' },
    user: 'someone',
    securityOpt: 'no-new-privileges',
    network: 'host',
    platform: 'linux/arm64',
    workingDirectory: '/tmp',
  });
  for (const flags of [
    '-v /a:/b:delegated',
    '--volumes-from other',
    '--env A=1 --env NODE_PATH=/opt/modules',
    '-u someone',
    '--security-opt no-new-privileges',
    '--network host',
    '--platform linux/arm64',
    '-w /tmp',
  ]) {
    expect(run.join(' ')).toEqual(sequence(flags));
  }
});

test('docker run is told of an image, which is not built, and of the mounts that are asked for', () => {
  const { build, run } = told('src/plain.ts', {
    ...TOUCH,
    dockerImage: DockerImage.fromRegistry('my/image'),
    bundlingFileAccess: BundlingFileAccess.BIND_MOUNT,
  });
  expect(build).toEqual([]);
  expect(run.join(' ')).toEqual(sequence('my/image bash -c'));
  expect(run.join(' ')).toEqual(sequence(`-v ${project.root}:/asset-input:delegated`));
});

test('docker run is told of the entry point, which is given the command', () => {
  const { run } = told('src/plain.ts', {
    ...TOUCH,
    entrypoint: ['/bin/entry', '-x'],
  });
  expect(run.join(' ')).toMatch(/--entrypoint \/bin\/entry cdk-\w+ -x bash -c touch/);
});

test('docker build is told of build arguments, network, platform and the version of esbuild', () => {
  const { build } = told('src/plain.ts', {
    buildArgs: { PROXY: 'http://proxy' },
    network: 'host',
    platform: 'linux/arm64',
    esbuildVersion: '0.25.0',
  });
  expect(build.join(' ')).toEqual(
    sequence(
      '--platform linux/arm64',
      '--network host',
      '--build-arg PROXY=http://proxy',
      '--build-arg IMAGE=public.ecr.aws/sam/build-nodejs22.x',
      '--build-arg ESBUILD_VERSION=0.25.0',
    ),
  );
});

test('inside, esbuild is told what can be read there, and how much to say', () => {
  const { inside } = told('src/plain.ts', {
    inject: [project.path('src/shim.ts'), './src/shim.ts'],
    tsconfig: project.path('tsconfig.json'),
    esbuildArgs: { '--alias:a': project.path('src/shim.ts'), '--alias:b': 'other' },
    environment: { NODE_PATH: project.path('src') },
    logLevel: LogLevel.ERROR,
    metafile: true,
  });
  for (const flag of [
    "'--inject:/asset-input/src/shim.ts' '--inject:./src/shim.ts'",
    "'--tsconfig=/asset-input/tsconfig.json'",
    "'--alias:a=/asset-input/src/shim.ts' '--alias:b=other'",
    "'--log-level=error'",
    "'--metafile=/asset-output/index.meta.json'",
  ]) {
    expect(inside).toContain(flag);
  }
  expect(inside).not.toContain('node-paths');
  expect(inside).not.toContain(project.root);
});

describe('preCompilation inside', () => {
  const files = {
    'src/app/entry.ts': `
      import settings from './settings.json';
      import { Service } from '@core/service';
      import { installed } from 'installed';
      export const handler = () => [new Service(), settings, installed];`,
    'src/app/settings.json': '{ "colour": "green" }',
    'src/core/service.ts': `
      const seen = (target: object) => { Object.freeze(target); };
      class Model {}
      @seen export class Service { public constructor(public readonly model: Model = new Model()) {} }`,
    'node_modules/installed/package.json': '{ "main": "index.js", "types": "index.d.ts" }',
    'node_modules/installed/index.js': "exports.installed = 'by npm';",
    'node_modules/installed/index.d.ts': 'export declare const installed: string;',
    'tsconfig.decorated.json': JSON.stringify({
      compilerOptions: {
        experimentalDecorators: true,
        emitDecoratorMetadata: true,
        target: 'es2022',
        module: 'es2022',
        moduleResolution: 'bundler',
        resolveJsonModule: true,
        strict: true,
        types: [],
        lib: ['es2022'], // without that of browsers, which takes longer than all the rest
        skipLibCheck: true,
        paths: { '@core/*': ['./src/core/*'] },
      },
    }),
  };
  const options = { preCompilation: true, minify: true };

  test.each([
    ['named', { ...files }, { tsconfig: 'tsconfig.decorated.json' }],
    ['the nearest', { ...files, 'tsconfig.json': files['tsconfig.decorated.json'] }, {}],
  ])(
    'compiles by the tsconfig that is %s, with its paths, and leaves nothing beside the sources',
    (_name, given, more) => {
      const kept = fs.readFileSync(project.path('tsconfig.json'), 'utf8');
      project.write({
        ...given,
        'bin/tsc': `#!/bin/sh\nexec "${process.execPath}" "${require.resolve('typescript/bin/tsc')}" "$@"`,
      });
      fs.chmodSync(project.path('bin/tsc'), 0o755);
      const entry = project.path('src/app/entry.ts');
      let dir = '';
      const tsconfig = 'tsconfig' in more ? { tsconfig: project.path(more.tsconfig) } : {};
      withDocker(() => ({ dir } = synth(entry, { ...options, ...tsconfig, forceDockerBundling: true })));
      project.write({ 'tsconfig.json': kept });
      const text = fs.readFileSync(path.join(dir, 'index.js'), 'utf8');
      for (const part of ['design:paramtypes', 'green', 'by npm']) expect(text).toContain(part);
      expect(fs.readdirSync(dir)).toEqual(['index.js']);
      expect(fs.readdirSync(project.path('src/app')).sort()).toEqual(['entry.ts', 'settings.json']);
      expect(fs.readdirSync(project.path('src/core'))).toEqual(['service.ts']);
    },
  );
});

test.each<[string, StreamingBundlingOptions, string]>([
  ['an entry', { projectRoot: project.path('node_modules') }, 'entry must be inside the project'],
  ['a file', { inject: [__filename] }, 'inject must be inside the project to be read in a container'],
])('%s outside of the project is refused: it is not mounted', (_name, options, message) => {
  expect(() => told('src/plain.ts', options)).toThrow(message);
});

test('VOLUME_COPY is refused', () => {
  expect(() => told('src/plain.ts', { bundlingFileAccess: BundlingFileAccess.VOLUME_COPY })).toThrow(
    /bundlingFileAccess VOLUME_COPY is not supported/,
  );
});

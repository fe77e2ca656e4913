/** The library as users have it: compiled, in `node_modules`, loaded by a plain Node.js process. */
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { COMPILED, compiledProject } from './compiled-project';
import { type Project, removeProjects } from './project';

afterAll(removeProjects);

const FILES = {
  'lib/app.cjs': `
    const { App, Stack } = require('aws-cdk-lib/core');
    const lambda = require('aws-cdk-lib/aws-lambda');
    const { StreamingCode } = require('${COMPILED}');
    const stack = new Stack(new App({ outdir: __dirname + '/../cdk.out' }), 'Stack');
    const code = StreamingCode.fromEntry('../src/handler.ts');
    new lambda.Function(stack, 'Fn', { code, handler: 'index.handler', runtime: lambda.Runtime.NODEJS_22_X });
    stack.resolve(code.assetHash);
    console.log(stack.resolve(code.assetHash), code.entry);`,
  'src/handler.ts': 'export const handler = 1;',
};

const run = (project: Project, cwd: string) =>
  spawnSync(process.execPath, [project.path('lib/app.cjs')], { cwd, encoding: 'utf8' });

test('finds the entry beside the calling file, and esbuild in the project', () => {
  const project = compiledProject(FILES);
  const { stdout, stderr } = run(project, '/');
  expect(stderr).toBe('');
  expect(stdout.trim().split(' ')).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), project.path('src/handler.ts')]);
});

test('says how to update an esbuild that is too old', () => {
  const project = compiledProject(FILES);
  project.write({ 'node_modules/esbuild/index.js': "exports.version = '0.14.54';" });
  expect(run(project, project.root).stderr).toMatch(/esbuild 0\.19 or newer is needed[\s\S]*found 0\.14\.54/);
});

test('says how to install esbuild when there is none', () => {
  const project = compiledProject(FILES);
  fs.rmSync(project.path('node_modules/esbuild'), { recursive: true });
  const { status, stderr } = run(project, project.root);
  expect(status).toBe(1);
  expect(stderr).toMatch(/esbuild is needed to bundle entries[\s\S]*npm install --save-dev esbuild/);
});

test('a build that fails is told in the terminal by its message, without the code of the framework around it', () => {
  const project = compiledProject({
    ...FILES,
    'lib/app.cjs': `
      const { App, Stack } = require('aws-cdk-lib/core');
      const lambda = require('aws-cdk-lib/aws-lambda');
      const { StreamingCode } = require('${COMPILED}');
      const app = new App({ outdir: __dirname + '/../cdk.out' });
      const fn = new lambda.Function(new Stack(app, 'Stack'), 'Fn', {
        code: StreamingCode.fromEntry('../src/broken.ts'), handler: 'index.handler', runtime: lambda.Runtime.NODEJS_22_X });
      fn.currentVersion.addAlias('live');
      app.synth();`,
    'src/broken.ts': "import OpenAI from 'openai'; export const handler = () => OpenAI;",
  });
  const { status, stderr } = run(project, project.root);
  expect(status).toBe(1);
  expect(stderr).toContain("BundlingError: cannot bundle 'Stack/Fn' from ");
  expect(stderr).not.toContain('Resolution error');
  expect(stderr.match(/Could not resolve "openai"/g)).toHaveLength(1);
  expect(stderr).toContain('The package is not installed. Run: npm install openai');
  // The frames of the stack name files of the framework, and nothing quotes their minified code.
  expect(stderr).not.toContain('__esModule');
  expect(stderr.length).toBeLessThan(4_000);
});

test('command hooks run in a worker thread too, as in the pool of a test runner', () => {
  const project = compiledProject({
    ...FILES,
    'lib/worker.cjs': "new (require('node:worker_threads').Worker)(__dirname + '/app.cjs');",
    'lib/app.cjs': FILES['lib/app.cjs'].replace(
      "fromEntry('../src/handler.ts')",
      `fromEntry('../src/handler.ts', { commandHooks: {
        beforeBundling: () => ['echo from the hook'], beforeInstall: () => [], afterBundling: () => [] } })`,
    ),
  });
  const { status, stderr, stdout } = spawnSync(process.execPath, [project.path('lib/worker.cjs')], {
    cwd: project.root,
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: 'from the hook\n' });
  expect(stdout).toMatch(/^[0-9a-f]{64} /);
});

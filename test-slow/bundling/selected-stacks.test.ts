/** `cdk synth --exclusively <stack>` by the real CLI, which names the stacks to bundle: the others are not. */
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { compiledProject } from '../../test/constructs/bundling/compiled-project';
import { type Project, removeProjects } from '../../test/constructs/bundling/project';

afterAll(removeProjects);

function appOf(): Project {
  return compiledProject({
    'cdk.json': '{ "app": "node app.cjs", "versionReporting": false, "notices": false }',
    'app.cjs': `
      const { App, Stack, Stage } = require('aws-cdk-lib/core');
      const lambda = require('aws-cdk-lib/aws-lambda');
      const { StreamingCode } = require('cdk-lambda-streaming/lib/constructs/streaming-code.js');
      const app = new App();
      const define = (scope, id, entry) => new lambda.Function(new Stack(scope, id), 'Fn', {
        code: StreamingCode.fromEntry(entry), handler: 'index.handler', runtime: lambda.Runtime.NODEJS_22_X });
      define(app, 'Wanted', 'src/wanted.ts');
      define(app, 'Other', 'src/broken.ts');
      define(new Stage(app, 'Stage'), 'Inner', 'src/inner.ts');`,
    'src/wanted.ts': 'export const handler = () => 1;',
    'src/inner.ts': 'export const handler = () => 2;',
    'src/broken.ts': "import './not-there'; export const handler = 1;",
  });
}

function cdk(project: Project, ...args: string[]) {
  return spawnSync(process.execPath, [require.resolve('aws-cdk/bin/cdk'), ...args], {
    cwd: project.root,
    encoding: 'utf8',
    env: { ...process.env, CDK_DISABLE_CLI_TELEMETRY: '1' },
  });
}

/** Entries whose bundles are in the cloud assembly, by what they return. */
const bundled = (project: Project): string[] =>
  fs
    .readdirSync(project.path('cdk.out'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name.startsWith('asset.'))
    .map(
      ({ name }) =>
        /handler = \(\) => (\d)/.exec(fs.readFileSync(project.path(`cdk.out/${name}/index.js`), 'utf8'))?.[1] ?? '',
    )
    .sort();

test.each([
  ['Wanted', ['1']],
  ['Stage/Inner', ['2']],
])('cdk synth --exclusively %s bundles that stack alone', (stack, entries) => {
  const project = appOf();
  const { status, stderr, stdout } = cdk(project, 'synth', '--exclusively', stack);
  expect({ status, stderr }).toEqual({ status: 0, stderr: expect.not.stringContaining('cannot bundle') });
  expect(stdout).toMatch(/S3Key: [0-9a-f]{64}\.zip/);
  expect(bundled(project)).toEqual(entries);
});

test.each([
  ['of all stacks', ['--all']],
  // Stacks it depends on may be deployed with it, so that the CLI asks for all.
  ['of a stack with what it depends on', ['Wanted']],
])('cdk synth %s reports the one that cannot be bundled', (_name, args) => {
  const project = appOf();
  const { status, stderr } = cdk(project, 'synth', ...args);
  expect(status).toBe(1);
  expect(stderr).toMatch(/cannot bundle 'Other\/Fn' from .*broken\.ts:\n.*Could not resolve "\.\/not-there"/);
});

test('cdk list bundles nothing', () => {
  const project = appOf();
  const { status, stdout } = cdk(project, 'list');
  expect({ status, stacks: stdout.trim().split('\n').length }).toEqual({ status: 0, stacks: 3 });
  expect(bundled(project)).toEqual([]);
});

/** Installed modules by the real package managers, in the layouts that their users have. */
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { Project, removeProjects, synth } from '../../test/constructs/bundling/project';

let tools = '';

beforeAll(() => {
  tools = fs.mkdtempSync(path.join(os.tmpdir(), 'package-managers-'));
  run('npm', ['install', '--no-save', '--ignore-scripts', 'pnpm@10.34.9', '@yarnpkg/cli-dist@4.18.1'], tools);
});

afterAll(() => {
  removeProjects();
  fs.rmSync(tools, { recursive: true, force: true });
});

const environment = () => ({
  PATH: `${path.join(tools, 'node_modules', '.bin')}${path.delimiter}${process.env['PATH']}`,
  YARN_ENABLE_TELEMETRY: '0',
  // In CI, Yarn refuses to write the lock file of the project that is made here.
  YARN_ENABLE_IMMUTABLE_INSTALLS: 'false',
  YARN_NPM_REGISTRY_SERVER: String(spawnSync('npm', ['config', 'get', 'registry']).stdout).trim(),
  YARN_UNSAFE_HTTP_WHITELIST: '*',
});

function run(program: string, args: readonly string[], cwd: string): void {
  const env = tools === cwd ? process.env : { ...process.env, ...environment() };
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? ''}\n${stdout}\n${stderr}`);
}

const HANDLER = { 'src/handler.js': "const ms = require('ms'); exports.handler = () => ms('2 days');" };

/** Runs the handler in a plain process, from a place where no other `ms` can be found. */
function answerOf(dir: string): unknown {
  const place = fs.mkdtempSync(path.join(os.tmpdir(), 'function-'));
  fs.cpSync(dir, place, { recursive: true });
  const { stdout, stderr } = spawnSync(process.execPath, ['-p', 'require("./index.js").handler()'], {
    cwd: place,
    encoding: 'utf8',
  });
  fs.rmSync(place, { recursive: true, force: true });
  return stdout.trim() === '' ? stderr : Number(stdout);
}

test("Yarn Plug'n'Play with nodeModules: the function finds the module", () => {
  const project = Project.create(HANDLER);
  fs.rmSync(project.path('package-lock.json'));
  project.write({
    'package.json': '{"name":"app","dependencies":{"ms":"2.1.3"}}',
    '.yarnrc.yml': 'nodeLinker: pnp\n',
    'yarn.lock': '',
  });
  run('yarn', ['install'], project.root);
  expect(fs.existsSync(project.path('.pnp.cjs'))).toBe(true);
  const { dir } = synth(project.path('src/handler.js'), { nodeModules: ['ms'], environment: environment() });
  expect(fs.readdirSync(dir).sort()).toEqual(['index.js', 'node_modules', 'package.json', 'yarn.lock']);
  expect(answerOf(dir)).toBe(172_800_000);
});

test('a pnpm workspace whose package takes the version from a catalog: the function finds the module', () => {
  const project = Project.create({
    'packages/chat/src/handler.js': HANDLER['src/handler.js'],
    'packages/chat/package.json': '{"name":"chat","dependencies":{"ms":"catalog:"}}',
    'pnpm-workspace.yaml': 'packages: ["packages/*"]\ncatalog:\n  ms: 2.1.3\n',
  });
  fs.rmSync(project.path('package-lock.json'));
  run('pnpm', ['install'], project.root);
  const { dir } = synth(project.path('packages/chat/src/handler.js'), {
    nodeModules: ['ms'],
    environment: environment(),
  });
  expect(answerOf(dir)).toBe(172_800_000);
});

test('a pnpm workspace whose package needs another of the workspace: the function finds it', () => {
  const project = Project.create({
    'packages/chat/src/handler.js': "exports.handler = () => require('shared').value;",
    'packages/chat/package.json': '{"name":"chat","dependencies":{"shared":"workspace:*"}}',
    'packages/shared/package.json': '{"name":"shared","version":"1.0.0","main":"index.js"}',
    'packages/shared/index.js': 'exports.value = 7;',
    'pnpm-workspace.yaml': 'packages: ["packages/*"]\n',
  });
  fs.rmSync(project.path('package-lock.json'));
  run('pnpm', ['install'], project.root);
  const { dir } = synth(project.path('packages/chat/src/handler.js'), {
    nodeModules: ['shared'],
    environment: environment(),
  });
  expect(answerOf(dir)).toBe(7);
});

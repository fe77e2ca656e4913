/**
 * `cdk synth` by the real CLI, wherever the app, the lock file and the output folder are; and the app again, with the
 * bundle in the cache, as the CLI started it.
 */
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { COMPILED, compiledProject } from '../../test/constructs/bundling/compiled-project';
import { type Project, removeProjects } from '../../test/constructs/bundling/project';

afterAll(removeProjects);

const APP = `
  if (process.env.TOLD) require('fs').writeFileSync(process.env.TOLD, JSON.stringify({ ...process.env, TOLD: '' }));
  const { App, Stack } = require('aws-cdk-lib/core');
  const lambda = require('aws-cdk-lib/aws-lambda');
  const { StreamingCode } = require('${COMPILED}');
  new lambda.Function(new Stack(new App(), 'Stack'), 'Fn', {
    code: StreamingCode.fromEntry(process.env.ENTRY), handler: 'index.handler', runtime: lambda.Runtime.NODEJS_22_X });`;

const CDK_JSON = '{ "app": "node app.cjs", "versionReporting": false, "notices": false }';

/** Where the CDK app is, what the entry is relative to it, and what else makes the layout. */
interface Layout {
  readonly app: string;
  readonly entry: string;
  readonly files?: Record<string, string>;
  readonly without?: readonly string[];
}

const CHAT = "import { shared } from 'shared'; export const handler = async () => shared;";
const SHARED = { 'packages/shared/index.ts': "export const shared = 'from a workspace';" };

const LAYOUTS: Record<string, Layout> = {
  'npm workspace, app in a package of its own': {
    app: 'infra',
    entry: '../services/chat/src/chat.ts',
    files: { 'infra/package.json': '{"name":"infra"}', 'services/chat/package.json': '{"name":"chat"}' },
  },
  'pnpm workspace': {
    app: 'apps/infra',
    entry: '../../services/chat/src/chat.ts',
    files: {
      'apps/infra/package.json': '{"name":"infra"}',
      'pnpm-workspace.yaml': 'packages: ["apps/*", "services/*"]',
      'pnpm-lock.yaml': "lockfileVersion: '9.0'",
    },
    without: ['package-lock.json'],
  },
  'yarn workspace': {
    app: 'infra',
    entry: '../services/chat/src/chat.ts',
    files: { 'infra/package.json': '{"name":"infra"}', 'yarn.lock': '' },
    without: ['package-lock.json'],
  },
  'app without a package.json beside it, as Nx lays it out': {
    app: 'apps/infra/src',
    entry: '../../../services/chat/src/chat.ts',
  },
  'app beside the lock file': { app: '.', entry: 'services/chat/src/chat.ts' },
  'app above the only lock file': {
    app: '.',
    entry: 'services/chat/src/chat.ts',
    files: {
      'services/chat/package-lock.json': '{"lockfileVersion":3}',
      'services/chat/package.json': '{"name":"chat"}',
    },
    without: ['package-lock.json', 'package.json'],
  },
  'no lock file at all': { app: 'infra', entry: '../services/chat/src/chat.ts', without: ['package-lock.json'] },
};

const OUTPUTS: Record<
  string,
  (project: Project, layout: Layout) => { readonly args: string[]; readonly outdir: string }
> = {
  'the default': (project, { app }) => ({ args: [], outdir: project.path(`${app}/cdk.out`) }),
  'a relative folder above the app': (project, { app }) => {
    const outdir = path.resolve(project.path(app), '..', 'built');
    elsewhere.push(outdir);
    return { args: ['--output', path.join('..', 'built')], outdir };
  },
  'an absolute folder': (project) => ({
    args: ['--output', project.path('dist/out')],
    outdir: project.path('dist/out'),
  }),
  'a symbolic link': (project, { app }) => {
    fs.mkdirSync(project.path('dist/real'), { recursive: true });
    fs.symlinkSync(project.path('dist/real'), project.path(`${app}/linked`));
    return { args: ['--output', 'linked'], outdir: project.path('dist/real') };
  },
  'a folder on another file system': (project) => {
    const outdir = fs.mkdtempSync(path.join(otherFileSystem(project.root), 'cdk-out-'));
    elsewhere.push(outdir);
    return { args: ['--output', outdir], outdir };
  },
};

const elsewhere: string[] = [];
afterEach(() => {
  for (const dir of elsewhere.splice(0)) fs.rmSync(dir, { recursive: true, force: true });
});

function otherFileSystem(dir: string): string {
  const device = fs.statSync(dir).dev;
  const found = ['/dev/shm', os.homedir(), path.resolve()].find(
    (place) => fs.statSync(place, { throwIfNoEntry: false })?.dev !== device && fs.existsSync(place),
  );
  if (found === undefined) throw new Error(`there is no second file system to write to beside that of ${dir}`);
  return found;
}

function projectOf({ app, files = {}, without = [] }: Layout): Project {
  const project = compiledProject({
    [`${app}/cdk.json`]: CDK_JSON,
    [`${app}/app.cjs`]: APP,
    'services/chat/src/chat.ts': CHAT,
    ...SHARED,
    ...files,
  });
  for (const name of without) fs.rmSync(project.path(name));
  project.write({ 'packages/shared/package.json': '{"name":"shared","main":"index.ts"}' });
  fs.symlinkSync(project.path('packages/shared'), project.path('node_modules/shared'));
  return project;
}

interface Ended {
  readonly status: number | null;
  readonly stderr: string;
}

/** By the CLI, and then what starts the app a second time: the CLI's own part takes as long as all of that. */
function synthesizers(project: Project, { app, entry }: Layout, args: readonly string[]): Record<string, () => Ended> {
  const cwd = project.path(app);
  const told = fs.mkdtempSync(path.join(os.tmpdir(), 'told-'));
  elsewhere.push(told);
  const environment = path.join(told, 'environment.json');
  const run = (command: readonly string[], env: NodeJS.ProcessEnv): Ended => {
    const { status, stderr } = spawnSync(process.execPath, command, { cwd, encoding: 'utf8', env });
    return { status, stderr };
  };
  const own = { ENTRY: entry, TOLD: environment, CDK_DISABLE_CLI_TELEMETRY: '1', CDK_LAMBDA_STREAMING_CACHE: '' };
  const cli = [require.resolve('aws-cdk/bin/cdk'), 'synth', '--quiet', ...args];
  return {
    cold: () => run(cli, { ...process.env, ...own }),
    warm: () => run(['app.cjs'], JSON.parse(fs.readFileSync(environment, 'utf8'))),
  };
}

const sources = (project: Project, outdir: string): string[] =>
  project.files().filter((name) => !project.path(name).startsWith(outdir));

const bundlesIn = (outdir: string): string[] =>
  fs
    .readdirSync(outdir)
    .filter((name) => name.startsWith('asset.'))
    .map((name) => fs.readFileSync(path.join(outdir, name, 'index.js'), 'utf8'));

const OTHERS = Object.keys(OUTPUTS).filter((output) => output !== 'the default');
const CASES = [
  ...Object.keys(LAYOUTS).map((layout) => [layout, 'the default'] as const),
  ...OTHERS.map((output) => ['npm workspace, app in a package of its own', output] as const),
  ...OTHERS.map((output) => ['app above the only lock file', output] as const),
];

test.each(CASES)('%s, written to %s: cold and warm', (layoutName, outputName) => {
  const layout = LAYOUTS[layoutName];
  const place = OUTPUTS[outputName];
  if (layout === undefined || place === undefined) throw new Error('no such case');
  const project = projectOf(layout);
  const { args, outdir } = place(project, layout);
  const before = sources(project, outdir);
  for (const [round, synth] of Object.entries(synthesizers(project, layout, args))) {
    expect({ round, ...synth() }).toEqual({
      round,
      status: 0,
      stderr: expect.not.stringContaining('cannot bundle'),
    });
    expect(bundlesIn(outdir)).toEqual([expect.stringContaining('from a workspace')]);
    expect(fs.readdirSync(outdir).filter((name) => name.startsWith('bundling-temp'))).toEqual([]);
    expect(sources(project, outdir)).toEqual(before);
    for (const name of fs.readdirSync(outdir)) fs.rmSync(path.join(outdir, name), { recursive: true });
  }
});

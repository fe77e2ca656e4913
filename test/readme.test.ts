/** The README's own program: its files are written out, synthesized by the real `cdk` CLI, deployed locally and called. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '..');
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');

/** Code blocks that begin with `// file.ts: …`, by that file. */
function files(markdown: string): Map<string, string> {
  const blocks = [...markdown.matchAll(/^```mts\n(\/\/ ([\w.]+\.ts): [\s\S]*?)^```/gm)];
  return new Map(blocks.map(([, code = '', name = '']) => [name, code]));
}

let project: string;

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'readme-'));
  for (const [name, code] of files(README)) {
    // Only callers await at their top level, which makes them ES modules.
    writeFileSync(join(project, /^(call|try)\b/.test(name) ? name.replace(/ts$/, 'mts') : name), code);
  }
  // The public names resolve to the sources, as in this repository's own tests.
  const paths = {
    'cdk-lambda-streaming': [join(ROOT, 'src/index.ts')],
    'cdk-lambda-streaming/*': [join(ROOT, 'src/*/index.ts')],
  };
  const compilerOptions = { module: 'esnext', moduleResolution: 'bundler', target: 'es2022', paths };
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
  mkdirSync(join(project, 'node_modules'));
  for (const name of ['aws-cdk-lib', 'constructs', 'zod', 'esbuild', '@aws-sdk', '@smithy']) {
    symlinkSync(join(ROOT, 'node_modules', name), join(project, 'node_modules', name));
  }
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

function tsx(...args: string[]): string {
  const cli = join(ROOT, 'node_modules/tsx/dist/cli.mjs');
  return execFileSync(process.execPath, [cli, ...args], { cwd: project, encoding: 'utf8', stdio: 'pipe' });
}

test('its main path is at most fifteen lines of code, comments apart', () => {
  const main = ['chat.contract.ts', 'chat.ts', 'app.ts', 'call.ts'].map((name) => files(README).get(name) ?? '');
  const lines = main.flatMap((code) => code.split('\n')).filter((line) => line !== '' && !line.startsWith('//'));
  expect(lines.length).toBeGreaterThan(10);
  expect(lines.length).toBeLessThanOrEqual(16);
});

test('what a reader pastes is synthesized, deployed locally, and says hello', () => {
  const cdk = join(ROOT, 'node_modules/aws-cdk/bin/cdk');
  const app = `"${process.execPath}" "${join(ROOT, 'node_modules/tsx/dist/cli.mjs')}" app.ts`;
  execFileSync(process.execPath, [cdk, 'synth', '--quiet', '--no-notices', '--app', app], {
    cwd: project,
    stdio: 'pipe',
    env: { ...process.env, CDK_DISABLE_CLI_TELEMETRY: '1' },
  });
  expect(tsx('try.mts')).toBe('Hello there');
});

test('the caller is the same with AWS and with the local target, but for who it is', () => {
  const call = files(README).get('call.ts') ?? '';
  const local = files(README).get('try.ts') ?? '';
  expect(call).toContain("{ functionName: 'chat', qualifier: 'live' }");
  expect(local).toContain("{ functionName: 'chat', qualifier: 'live', clientConfig }");
});

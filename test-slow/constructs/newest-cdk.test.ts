/**
 * The construct tests again, with the newest aws-cdk-lib and constructs; the usual run has the oldest that are supported.
 *
 * All tests of templates, checks, grants, front ends and assets are here. Those of esbuild, package managers and the
 * bundle cache are left out (compat/newest-cdk/jest.config.js): no newer CDK changes what they see.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
const COMPAT = join(ROOT, 'compat/newest-cdk');

interface Project {
  readonly dependencies: Record<string, string>;
}

function installed(name: string): string | undefined {
  const manifest = join(COMPAT, 'node_modules', name, 'package.json');
  return existsSync(manifest) ? (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version : undefined;
}

const { dependencies } = JSON.parse(readFileSync(join(COMPAT, 'package.json'), 'utf8')) as Project;

/** Runs the tests at these paths; gives how many passed. Throws with what jest prints where one fails. */
function passed(env: NodeJS.ProcessEnv, ...paths: string[]): number {
  const folder = mkdtempSync(join(tmpdir(), 'newest-cdk-'));
  const report = join(folder, 'report.json');
  const jest = [join(ROOT, 'node_modules/jest/bin/jest.js'), '--ci', '-i', '-c', join(COMPAT, 'jest.config.js')];
  const run = spawnSync(process.execPath, [...jest, '--json', `--outputFile=${report}`, ...paths], {
    cwd: ROOT,
    env: { ...process.env, EXPECTED_CDK_VERSION: dependencies['aws-cdk-lib'], ...env },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (run.status !== 0) throw new Error(run.stderr, { cause: run.error });
  const { numPassedTests } = JSON.parse(readFileSync(report, 'utf8')) as { numPassedTests: number };
  rmSync(folder, { recursive: true });
  return numPassedTests;
}

beforeAll(() => {
  const isInstalled = Object.entries(dependencies).every(([name, version]) => installed(name) === version);
  const flags = ['--no-audit', '--no-fund'];
  if (!isInstalled) execFileSync('npm', ['ci', ...flags], { cwd: COMPAT, stdio: 'ignore' });
  // jsii-docgen reads every assembly below the project; API.md would be that of the newest version.
  for (const name of Object.keys(dependencies)) rmSync(join(COMPAT, 'node_modules', name, '.jsii'), { force: true });
});

test('the construct tests pass on the newest aws-cdk-lib', () => {
  // Since 2.262 each synth has its template validated, which takes most of the time and only prints what it finds.
  expect(passed({ CDK_VALIDATION: 'false' })).toBeGreaterThan(680);
}, 1_800_000);

test('the function, its URL and its REST API synthesize with the validation that is on by default', () => {
  const suites = ['function-url', 'rest-api', 'interface-endpoint'].map((name) => `constructs/streaming-${name}[.]`);
  expect(passed({}, ...suites)).toBeGreaterThan(60);
});

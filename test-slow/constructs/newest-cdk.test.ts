/** All construct tests again, with the newest aws-cdk-lib and constructs; the usual run has the oldest that are supported. */
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

test('the construct tests pass on the newest aws-cdk-lib', () => {
  const { dependencies } = JSON.parse(readFileSync(join(COMPAT, 'package.json'), 'utf8')) as Project;
  const isInstalled = Object.entries(dependencies).every(([name, version]) => installed(name) === version);
  if (!isInstalled) execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: COMPAT, stdio: 'ignore' });
  // jsii-docgen reads every assembly below the project; API.md would be that of the newest version.
  for (const name of Object.keys(dependencies)) rmSync(join(COMPAT, 'node_modules', name, '.jsii'), { force: true });

  const folder = mkdtempSync(join(tmpdir(), 'newest-cdk-'));
  const report = join(folder, 'report.json');
  const jest = [join(ROOT, 'node_modules/jest/bin/jest.js'), '--ci', '-i', '-c', join(COMPAT, 'jest.config.js')];
  const env = { ...process.env, EXPECTED_CDK_VERSION: dependencies['aws-cdk-lib'] };
  const run = spawnSync(process.execPath, [...jest, '--json', `--outputFile=${report}`], {
    cwd: ROOT,
    env,
    encoding: 'utf8',
  });
  const result = JSON.parse(readFileSync(report, 'utf8')) as { numPassedTests: number; numFailedTests: number };
  rmSync(folder, { recursive: true });

  expect(run.status === 0 ? '' : run.stderr).toBe('');
  expect(result.numPassedTests).toBeGreaterThan(130);
}, 1_800_000);

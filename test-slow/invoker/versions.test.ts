/** The whole wire suite again: on older clients of the AWS SDK, on other versions of Node.js, and with far more random cases. */
import { type ExecFileException, execFile } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest as jestConfig } from '../../package.json';
import { nodeRelease, onLinuxX64 } from '../node-release';

const root = join(__dirname, '..', '..');
const cache = join(root, '.cache', 'invoker-versions');
const suite = '<rootDir>/test/invoker/*.test.ts';

beforeAll(() => mkdirSync(cache, { recursive: true }));

function run(file: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { cwd, env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 };
    execFile(file, args, options, (error: ExecFileException | null, stdout, stderr) => {
      if (error) reject(new Error(`${file} ${args.join(' ')} failed:\n${stdout}\n${stderr}`));
      else resolve(`${stdout}\n${stderr}`);
    });
  });
}

/** Runs the tests in `testMatch` by another jest; gives how many passed. */
async function runSuite(
  name: string,
  testMatch: string,
  node: string,
  sdk?: string,
  env?: NodeJS.ProcessEnv,
): Promise<number> {
  const moduleNameMapper = { ...jestConfig.moduleNameMapper, ...(sdk && { '^@aws-sdk/client-lambda$': sdk }) };
  const config = join(cache, `${name}.json`);
  writeFileSync(config, JSON.stringify({ ...jestConfig, rootDir: root, moduleNameMapper, testMatch: [testMatch] }));
  const jestBin = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const args = [jestBin, '--ci', '--config', config];
  const output = await run(node, args, root, env);
  const [, passed] = /^Tests:\s+(?:\d+ skipped, )?(\d+) passed/m.exec(output) ?? [];
  return Number(passed);
}

// In pairs: the fast suite has the newest client on the oldest Node.js, and what goes wrong on one version does so in a pair, too.
test.each([
  ['3.450', 22],
  ['3.600', 24],
] as const)('the wire suite passes on client-lambda %s and Node.js %s', async (sdk, line) => {
  const leg = join(root, 'compat', `client-lambda-${sdk}`);
  const client = join(leg, 'node_modules', '@aws-sdk', 'client-lambda');
  if (!existsSync(client)) await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], leg);
  // Elsewhere than on Linux, on that of this process.
  const node = onLinuxX64 ? nodeRelease(line) : process.execPath;
  expect(await runSuite(`sdk-${sdk}`, suite, node, client)).toBeGreaterThan(500);
});

test('the laws of the wire hold for many times more random cases', async () => {
  const env = { PROPERTY_SCALE: '20' };
  const laws = '<rootDir>/test/invoker/wire-properties.test.ts';
  expect(await runSuite('laws', laws, process.execPath, undefined, env)).toBe(6);
});

/** Measures a jest file with three tests of ten functions each, the whole process. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { measure } from './measure.mjs';
import { prebundle, writeProject } from './project.mjs';
import { median, table } from './tables.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const FUNCTIONS = 10;

/**
 * The rows of the table. `nodejs, defaults` is what a project has that changed nothing: the validator runs. Ours run as
 * the documentation says, with the setup file; the others get the same relief by the environment.
 */
const ROWS = [
  { label: 'nodejs, defaults', variant: 'nodejs' },
  { label: 'nodejs', variant: 'nodejs', validator: false },
  { label: 'cdk-esbuild', variant: 'cdk-esbuild', validator: false },
  { label: 'asset', variant: 'asset', validator: false },
  { label: 'inline', variant: 'inline', validator: false },
  { label: 'ours cold', variant: 'ours', setup: true, cold: true },
  { label: 'ours warm', variant: 'ours', setup: true },
];

/** A table of CPU seconds, and of how long the second test of the file took; medians of the rounds. */
export function jestTable(env, rounds) {
  const root = writeProject('jest', FUNCTIONS);
  prebundle(root, FUNCTIONS);
  mkdirSync(join(root, 'test'), { recursive: true });
  const measured = Array.from({ length: rounds }, () => ROWS.map((row) => run(row, root, env)));
  const cells = (index, pick) => median(measured.map((round) => pick(round[index], round)));
  return table(
    ['jest, 3 tests × 10 functions', 'CPU s', 'second test, ms', 'nodejs, defaults / this', 'nodejs / this'],
    ROWS.map(({ label }, index) => [
      label,
      cells(index, ({ cpu }) => cpu).toFixed(2),
      String(cells(index, ({ tests }) => tests[1])),
      `${cells(index, ({ cpu }, [defaults]) => defaults.cpu / cpu).toFixed(1)}×`,
      `${cells(index, ({ cpu }, [, nodejs]) => nodejs.cpu / cpu).toFixed(1)}×`,
    ]),
  );
}

function run({ label, variant, validator, setup, cold }, root, env) {
  if (cold) rmSync(join(root, 'node_modules', '.cache'), { recursive: true, force: true });
  writeFileSync(join(root, 'test', 'synth.test.cjs'), testFile(variant, root));
  const config = {
    rootDir: join(root, 'test'),
    transform: {},
    testMatch: ['**/*.test.cjs'],
    testTimeout: 600_000,
    setupFiles: setup ? [env.BENCH_SETUP] : [],
  };
  const result = measure(
    process.execPath,
    [require.resolve('jest/bin/jest'), '-i', '--config', JSON.stringify(config)],
    {
      env: { ...env, CDK_VALIDATION: validator === false ? 'false' : undefined },
      cwd: root,
    },
  );
  process.stderr.write(`jest ${label}: ${result.cpu.toFixed(2)} s CPU, tests ${result.tests.join(', ')} ms\n`);
  return result;
}

const testFile = (variant, root) => `
const { readdirSync, readFileSync, writeFileSync } = require('node:fs');
const { build } = require(${JSON.stringify(join(here, 'app.cjs'))});
const tests = [];
for (const number of [1, 2, 3]) {
  test('synthesizes ' + number, () => {
    const started = performance.now();
    build(${JSON.stringify(variant)}, ${JSON.stringify(root)}, ${FUNCTIONS}).synth();
    tests.push(Math.round(performance.now() - started));
  });
}
const ticks = (pid) => {
  const stat = readFileSync('/proc/' + pid + '/stat', 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ').slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
};
afterAll(() => {
  const children = readdirSync('/proc/self/task').flatMap((thread) =>
    readFileSync('/proc/self/task/' + thread + '/children', 'utf8').trim().split(' ').filter(Boolean));
  const living = children.reduce((sum, pid) => sum + ticks(pid), 0) / 100;
  writeFileSync(process.env.BENCH_REPORT, JSON.stringify({ living, tests }));
});
`;

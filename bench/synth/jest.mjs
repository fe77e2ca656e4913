/** Measures a jest file with three tests of ten functions each, the whole process. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { measure } from './measure.mjs';
import { prebundle, writeProject } from './project.mjs';
import { table } from './tables.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const FUNCTIONS = 10;

export const JEST_VARIANTS = ['inline', 'asset', 'nodejs', 'cdk-esbuild', 'ours cold', 'ours warm'];

/** A table of CPU seconds, and of how long the second test of the file took. */
export function jestTable(env) {
  const root = writeProject('jest', FUNCTIONS);
  prebundle(root, FUNCTIONS);
  mkdirSync(join(root, 'test'), { recursive: true });
  const times = JEST_VARIANTS.map((variant) => [variant, run(variant, root, env)]);
  const nodejs = times.find(([variant]) => variant === 'nodejs')?.[1];
  return table(
    ['jest, 3 tests × 10 functions', 'CPU s', 'second test, ms', 'NodejsFunction / this'],
    times.map(([variant, { cpu, tests }]) => [
      variant,
      cpu.toFixed(2),
      String(tests[1]),
      `${(nodejs.cpu / cpu).toFixed(1)}×`,
    ]),
  );
}

function run(variant, root, env) {
  if (variant === 'ours cold') rmSync(join(root, 'node_modules', '.cache'), { recursive: true, force: true });
  writeFileSync(join(root, 'test', 'synth.test.cjs'), testFile(variant.split(' ')[0], root));
  const config = { rootDir: join(root, 'test'), transform: {}, testMatch: ['**/*.test.cjs'], testTimeout: 600_000 };
  return measure(process.execPath, [require.resolve('jest/bin/jest'), '-i', '--config', JSON.stringify(config)], {
    env,
    cwd: root,
  });
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

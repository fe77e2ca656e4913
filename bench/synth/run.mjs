/**
 * Compares the CPU seconds of synth, by the way functions get their code.
 *
 *   node bench/synth/run.mjs [--sizes 10,100] [--profiles light,heavy] [--rounds 1] [--variants …] [--validator] [--jest] [--write]
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { jestTable } from './jest.mjs';
import { measure } from './measure.mjs';
import { compileOurs, compileSetup, ESBUILD_BINARY, prebundle, requireRivals, writeProject } from './project.mjs';
import { ratioTable, timeTable } from './tables.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const README = join(here, 'README.md');

/** `warm` runs after `cold`, on what that left in the cache. */
const VARIANTS = ['inline', 'asset', 'nodejs', 'nodejs-direct', 'cdk-esbuild', 'ours cold', 'ours warm'];

/** What is measured with the validator on, as an app has it that switches nothing off. */
const VALIDATOR_SIZES = [1, 10, 50];
const VALIDATOR_VARIANTS = ['nodejs', 'ours cold', 'ours warm'];

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '10,100' },
    profiles: { type: 'string', default: 'light,heavy' },
    rounds: { type: 'string', default: '1' },
    variants: { type: 'string', default: VARIANTS.join() },
    validator: { type: 'boolean', default: false },
    jest: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});

const cdkVersion = requireRivals();

const env = {
  BENCH_OURS: compileOurs(),
  BENCH_SETUP: compileSetup(),
  BENCH_ESBUILD: ESBUILD_BINARY,
  CDK_LAMBDA_STREAMING_CACHE: undefined,
};
/** The validator costs the same for every variant: bundling is measured without it. */
const WITHOUT_VALIDATOR = { ...env, CDK_VALIDATION: 'false' };
const WITH_VALIDATOR = { ...env, CDK_VALIDATION: undefined };

/** Median over the rounds of each cell; variants of one cell follow each other, so that load hits them alike. */
function measureAll(profile, size, variants, environment) {
  const root = writeProject(profile, size);
  prebundle(root, size);
  const rounds = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    const cells = {};
    for (const variant of variants) {
      if (variant === 'ours cold') rmSync(join(root, 'node_modules', '.cache'), { recursive: true, force: true });
      cells[variant] = synth(variant.split(' ')[0], root, size, environment);
      process.stderr.write(
        `${profile} ${size} ${variant}: ${cells[variant].cpu.toFixed(2)} s CPU, ${cells[variant].wall.toFixed(2)} s\n`,
      );
    }
    rounds.push(cells);
  }
  return { profile, size, rounds };
}

function synth(variant, root, size, environment) {
  const outdir = mkdtempSync(join(tmpdir(), 'synth-bench-'));
  try {
    return measure(process.execPath, [join(here, 'app.cjs'), variant, root, String(size), outdir], {
      env: environment,
    });
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

function mainTables() {
  const sizes = values.sizes.split(',').map(Number);
  const variants = values.variants.split(',');
  const results = values.profiles
    .split(',')
    .flatMap((profile) => sizes.map((size) => measureAll(profile, size, variants, WITHOUT_VALIDATOR)));
  return [timeTable(results, variants), ratioTable(results)];
}

function validatorTables() {
  const results = VALIDATOR_SIZES.map((size) => measureAll('light', size, VALIDATOR_VARIANTS, WITH_VALIDATOR));
  return ['With the validator on:', timeTable(results, VALIDATOR_VARIANTS), ratioTable(results)];
}

const rounds = Number(values.rounds);
const report = [
  `Node.js ${process.version}, aws-cdk-lib ${cdkVersion}, ${cpus().length} CPUs, median of ${rounds} round${rounds === 1 ? '' : 's'}, validator off.`,
  ...mainTables(),
  ...(values.validator ? validatorTables() : []),
  ...(values.jest ? [jestTable(env, rounds)] : []),
].join('\n\n');
console.log(report);
if (values.write) {
  const text = readFileSync(README, 'utf8');
  const [before, , after] = text.split(/(?<=<!-- results -->)|(?=<!-- end of results -->)/);
  writeFileSync(README, `${before}\n\n${report}\n\n${after}`);
}

/**
 * Compares the CPU seconds of synth, by the way functions get their code.
 *
 *   node bench/synth/run.mjs [--sizes 10,100] [--profiles light,heavy] [--rounds 1] [--variants …] [--jest] [--write]
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { jestTable } from './jest.mjs';
import { measure } from './measure.mjs';
import { compileOurs, ESBUILD_BINARY, prebundle, writeProject } from './project.mjs';
import { ratioTable, timeTable } from './tables.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const README = join(here, 'README.md');

/** `warm` runs after `cold`, on what that left in the cache. */
const VARIANTS = ['inline', 'asset', 'nodejs', 'nodejs-direct', 'cdk-esbuild', 'ours cold', 'ours warm'];

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '10,100' },
    profiles: { type: 'string', default: 'light,heavy' },
    rounds: { type: 'string', default: '1' },
    variants: { type: 'string', default: VARIANTS.join() },
    jest: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});

if (!existsSync(join(here, 'node_modules', '@mrgrain', 'cdk-esbuild'))) {
  throw new Error('The rival is not installed. Run: npm ci --prefix bench/synth');
}

const env = {
  BENCH_OURS: compileOurs(),
  BENCH_ESBUILD: ESBUILD_BINARY,
  // The validator of newer aws-cdk-lib versions costs the same for every variant: measured apart from bundling.
  CDK_VALIDATION: 'false',
  CDK_LAMBDA_STREAMING_CACHE: undefined,
};

/** Median over the rounds of each cell; variants of one cell follow each other, so that load hits them alike. */
function measureAll(profile, size) {
  const root = writeProject(profile, size);
  prebundle(root, size);
  const rounds = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    const cells = {};
    for (const variant of values.variants.split(',')) {
      if (variant === 'ours cold') rmSync(join(root, 'node_modules', '.cache'), { recursive: true, force: true });
      cells[variant] = synth(variant.split(' ')[0], root, size);
      process.stderr.write(
        `${profile} ${size} ${variant}: ${cells[variant].cpu.toFixed(2)} s CPU, ${cells[variant].wall.toFixed(2)} s\n`,
      );
    }
    rounds.push(cells);
  }
  return { profile, size, rounds };
}

function synth(variant, root, size) {
  const outdir = mkdtempSync(join(tmpdir(), 'synth-bench-'));
  try {
    return measure(process.execPath, [join(here, 'app.cjs'), variant, root, String(size), outdir], { env });
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

const sizes = values.sizes.split(',').map(Number);
const results = values.profiles.split(',').flatMap((profile) => sizes.map((size) => measureAll(profile, size)));
const report = [
  `Node.js ${process.version}, ${cpus().length} CPUs, ${values.rounds} round(s), validator off.`,
  timeTable(results, VARIANTS),
  ratioTable(results),
  ...(values.jest ? [jestTable(env)] : []),
].join('\n\n');
console.log(report);
if (values.write) {
  const text = readFileSync(README, 'utf8');
  const [before, , after] = text.split(/(?<=<!-- results -->)|(?=<!-- end of results -->)/);
  writeFileSync(README, `${before}\n\n${report}\n\n${after}`);
}

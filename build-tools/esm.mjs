// Adds the ESM half of every subpath export: one bundle per entry, packages external, types re-exported from the CJS half.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const names = Object.keys(exports)
  .filter((key) => exports[key].import)
  .map((key) => key.slice(2));

/** Entries that must stay free of Node built-ins at load: they run in users' Lambdas and in browsers. */
const PORTABLE = new Set(['contract', 'handler', 'web', 'fetcher']);
const REQUIRE =
  "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);";

for (const name of names) {
  const entry = join(root, 'src', name, 'index.ts');
  if (!existsSync(entry)) throw new Error(`package.json exports ./${name}, but ${entry} does not exist`);
  await build({
    entryPoints: [entry],
    outfile: join(root, 'lib', name, 'index.mjs'),
    bundle: true,
    packages: 'external',
    format: 'esm',
    target: 'node20',
    platform: PORTABLE.has(name) ? 'neutral' : 'node',
    banner: PORTABLE.has(name) ? {} : { js: REQUIRE },
    logLevel: 'warning',
  });
  writeFileSync(join(root, 'lib', name, 'index.d.mts'), "export * from './index.js';\n");
}

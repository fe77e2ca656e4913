// Adds the ESM half of every subpath export, and its types, which are re-exported from the CommonJS half.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildEsmEntry } from './esm-entry.cjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const names = Object.keys(exports)
  .filter((key) => exports[key].import)
  .map((key) => key.slice(2));

for (const name of names) {
  const entry = join(root, 'src', name, 'index.ts');
  if (!existsSync(entry)) throw new Error(`package.json exports ./${name}, but ${entry} does not exist`);
  await buildEsmEntry(name, join(root, 'lib', name, 'index.mjs'));
  writeFileSync(join(root, 'lib', name, 'index.d.mts'), "export * from './index.js';\n");
}

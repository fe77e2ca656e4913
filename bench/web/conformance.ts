/**
 * The acceptance table for a handler file: `npm run conformance -- <file> [fetch|node] [--json]`. The file exports as
 * `handler` the adapter under test around `conformanceApp` or `conformanceListener`. Without a file it is our own.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { conformanceTable, runConformance } from '../../src/testing/conformance/run-conformance';
import { bundled } from '../../test/web/support/web-function';

const OURS = {
  fetch: `import { conformanceApp } from './src/testing/conformance/fetch-app'; export const handler = webHandler(conformanceApp);`,
  node: `import { conformanceListener } from './src/testing/conformance/node-app'; export const handler = nodeHandler(conformanceListener);`,
};

async function main(): Promise<void> {
  const given = process.argv.slice(2);
  const [file, kind = 'fetch'] = given.filter((argument) => argument !== '--json');
  if (kind !== 'fetch' && kind !== 'node') throw new TypeError(`the kind of app must be fetch or node, got '${kind}'`);
  const folder = mkdtempSync(join(tmpdir(), 'conformance-'));
  try {
    const own = join(folder, 'index.mjs');
    if (file === undefined) writeFileSync(own, bundled(OURS[kind]));
    const results = await runConformance(file ?? own, kind);
    console.log(given.includes('--json') ? JSON.stringify(results, null, 2) : conformanceTable(results));
    if (results.some(({ problem }) => problem !== undefined)) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

void main();

/**
 * The acceptance table for our adapters and others, by the command line that users have: which behaviours are right.
 * Run: `npm run conformance` for all, `npm run conformance -- hono` for one, row by row. For an adapter of yours:
 * `npx cdk-lambda-streaming conformance --handler file.mjs`.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Adapter, bundled, chosenAdapters, versionOf } from './adapters';

const { bundleCli } = require('../../build-tools/cli-bundle.cjs') as {
  bundleCli(folder: string, floorsInside?: boolean): Promise<void>;
};

const root = join(__dirname, '../..');
const APPS = {
  fetch: `import { conformanceApp as app } from './src/testing/conformance/fetch-app';`,
  node: `import { conformanceListener as app } from './src/testing/conformance/node-app';`,
};

interface Answer {
  readonly right: number;
  readonly of: number;
  readonly rows: readonly { readonly id: number; readonly problem?: string }[];
}

async function main(names: readonly string[]): Promise<void> {
  const chosen = chosenAdapters(names);
  const home = mkdtempSync(join(tmpdir(), 'conformance-bench-'));
  try {
    await bundleCli(join(home, 'lib', 'cli'), true);
    copyFileSync(join(root, 'package.json'), join(home, 'package.json'));
    symlinkSync(join(root, 'assets'), join(home, 'assets'));
    const run = (name: string, adapter: Adapter, ...more: string[]) => {
      mkdirSync(join(home, name), { recursive: true });
      const handler = join(home, name, 'index.cjs');
      writeFileSync(handler, bundled(`${adapter.imports}\n${APPS[adapter.kind]}\n${adapter.handler}`, 'cjs'));
      const args = [join(home, 'lib', 'cli', 'main.js'), 'conformance', '--handler', handler, '--kind', adapter.kind];
      if (adapter.rows !== undefined) args.push('--rows', adapter.rows);
      return spawnSync(process.execPath, [...args, ...more], {
        encoding: 'utf8',
        stdio: ['ignore', more.includes('--json') ? 'pipe' : 'inherit', 'inherit'],
      });
    };
    const [only] = chosen;
    if (only && names.length === 1) {
      process.exitCode = run(...only).status ?? 1;
      return;
    }
    console.log('| adapter | version | rows right | wrong rows |\n|---|---|---|---|');
    for (const [name, adapter] of chosen) {
      const { right, of, rows } = JSON.parse(run(name, adapter, '--json').stdout) as Answer;
      const wrong = rows.filter(({ problem }) => problem !== undefined).map(({ id }) => id);
      console.log(`| ${name} | ${versionOf(name)} | ${right} of ${of} | ${wrong.join(' ') || '–'} |`);
      if (versionOf(name) === 'this' && right < of) process.exitCode = 1;
    }
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

void main(process.argv.slice(2));

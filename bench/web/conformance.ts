/**
 * The acceptance table for our adapters and others, by the command line that users have: which behaviours are right.
 * Run: `npm run conformance` for all, `npm run conformance -- hono` for one, row by row. For an adapter of yours:
 * `npx cdk-lambda-streaming conformance --handler file.mjs`.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundled } from '../../test/web/support/web-function';

const { bundleCli } = require('../../build-tools/cli-bundle.cjs') as {
  bundleCli(folder: string, floorsInside?: boolean): Promise<void>;
};

const root = join(__dirname, '../..');
const APP = `import { conformanceApp } from './src/testing/conformance/fetch-app';`;
const LISTENER = `import { conformanceListener } from './src/testing/conformance/node-app';`;

interface Subject {
  readonly kind: 'fetch' | 'node';
  readonly source: string;
}

/** Each in the way its documentation shows for streaming functions. */
const SUBJECTS: Readonly<Record<string, Subject>> = {
  webHandler: { kind: 'fetch', source: `${APP} export const handler = webHandler(conformanceApp);` },
  hono: {
    kind: 'fetch',
    source: `import { streamHandle } from 'hono/aws-lambda'; ${APP} export const handler = streamHandle({ fetch: conformanceApp });`,
  },
  srvx: {
    kind: 'fetch',
    source: `import { handleLambdaEventWithStream } from 'srvx/aws-lambda'; ${APP}
      export const handler = awslambda.streamifyResponse((event, stream, context) =>
        handleLambdaEventWithStream(conformanceApp, event, stream, context));`,
  },
  nodeHandler: { kind: 'node', source: `${LISTENER} export const handler = nodeHandler(conformanceListener);` },
};

interface Answer {
  readonly right: number;
  readonly of: number;
  readonly rows: readonly { readonly id: number; readonly problem?: string }[];
}

async function main(names: readonly string[]): Promise<void> {
  const unknown = names.find((name) => SUBJECTS[name] === undefined);
  if (unknown !== undefined) {
    throw new Error(`there is no adapter '${unknown}' here; there are ${Object.keys(SUBJECTS).join(', ')}`);
  }
  const home = mkdtempSync(join(tmpdir(), 'conformance-bench-'));
  try {
    await bundleCli(join(home, 'lib', 'cli'), true);
    copyFileSync(join(root, 'package.json'), join(home, 'package.json'));
    symlinkSync(join(root, 'assets'), join(home, 'assets'));
    const run = (name: string, { kind, source }: Subject, ...more: string[]) => {
      mkdirSync(join(home, name));
      const handler = join(home, name, 'index.mjs');
      writeFileSync(handler, bundled(source, [join(__dirname, 'node_modules')]));
      const args = [join(home, 'lib', 'cli', 'main.js'), 'conformance', '--handler', handler, '--kind', kind, ...more];
      return spawnSync(process.execPath, args, {
        encoding: 'utf8',
        stdio: ['ignore', more.includes('--json') ? 'pipe' : 'inherit', 'inherit'],
      });
    };
    const [only] = names;
    if (only !== undefined && names.length === 1) {
      process.exitCode = run(only, SUBJECTS[only] as Subject).status ?? 1;
      return;
    }
    console.log('| adapter | version | rows right | wrong rows |\n|---|---|---|---|');
    for (const [name, subject] of Object.entries(SUBJECTS)) {
      if (names.length > 0 && !names.includes(name)) continue;
      const { right, of, rows } = JSON.parse(run(name, subject, '--json').stdout) as Answer;
      const wrong = rows.filter(({ problem }) => problem !== undefined).map(({ id }) => id);
      console.log(`| ${name} | ${versionOf(name)} | ${right} of ${of} | ${wrong.join(' ') || '–'} |`);
      if (/Handler$/.test(name) && right < of) process.exitCode = 1;
    }
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function versionOf(name: string): string {
  const { dependencies } = JSON.parse(readFileSync(join(__dirname, 'package.json'), 'utf8')) as {
    dependencies: Readonly<Record<string, string>>;
  };
  return dependencies[name] ?? 'this';
}

void main(process.argv.slice(2));

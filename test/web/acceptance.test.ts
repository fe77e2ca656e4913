/** The acceptance table, row by row, on AWS's own runtime client. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConformanceBench, rowsFor, startBench } from '../../src/testing/conformance/run-conformance';
import { bundled } from './support/web-function';

const SUBJECTS = {
  fetch: `import { conformanceApp } from './src/testing/conformance/fetch-app';
    export const handler = webHandler(conformanceApp);`,
  node: `import { conformanceListener } from './src/testing/conformance/node-app';
    export const handler = nodeHandler(conformanceListener);`,
} as const;

describe.each(['fetch', 'node'] as const)('%s', (kind) => {
  let folder: string;
  let bench: ConformanceBench;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'acceptance-'));
    const file = join(folder, 'index.mjs');
    writeFileSync(file, bundled(SUBJECTS[kind]));
    bench = startBench(file);
  });

  afterAll(async () => {
    await bench?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test.each(rowsFor(kind).map(({ id, name, run }) => [id, name, run] as const))('%i: %s', async (_, __, run) => {
    expect(await run(bench)).toBeUndefined();
  });
});

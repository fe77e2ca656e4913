/**
 * The runner that deploys the integ apps finds the committed snapshots unchanged, and deploys to the local target as to AWS;
 * the usual run compares them in process.
 */
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startLocal } from 'cdk-lambda-streaming/local';
import { APPS, copyOfCheckout, synthesize, templatesIn } from '../../test/integ/integ-apps';

jest.setTimeout(900_000);

const VERSION_ID = /(\w+CurrentVersion[0-9A-F]{8})[0-9a-f]{32}/g;

/** integ-runner looks past the hashes of assets, and not past those in the ids of versions, which follow the code. */
function renewVersionIds(snapshot: string, assembly: string): void {
  const now = new Map(
    [...JSON.stringify(templatesIn(assembly)).matchAll(VERSION_ID)].map(([id, prefix]) => [prefix, id]),
  );
  for (const file of readdirSync(snapshot).filter((name) => name.endsWith('.json'))) {
    const path = join(snapshot, file);
    const text = readFileSync(path, 'utf8');
    writeFileSync(
      path,
      text.replace(VERSION_ID, (id, prefix: string) => now.get(prefix) ?? id),
    );
  }
}

let root: string;
let basic: string;
beforeAll(() => {
  root = copyOfCheckout();
  for (const app of APPS) {
    const assembly = synthesize(app, join(root, 'integ'));
    renewVersionIds(join(root, `integ/integ.${app}.ts.snapshot`), assembly);
    if (app === 'basic') basic = assembly;
  }
});
afterAll(() => rmSync(root, { recursive: true }));

/** What integ-runner prints of the tests under `folder`. */
async function integRunner(folder: string, app: string, more: readonly string[], env = process.env): Promise<string> {
  const runner = join(root, 'node_modules/@aws-cdk/integ-runner/bin/integ-runner');
  const options = ['--directory', folder, '--language', 'typescript', '--app', app, '--parallel-regions', 'us-east-1'];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [runner, ...options, ...more], {
    cwd: root,
    env,
  });
  return `${stdout}${stderr}`;
}

test('integ-runner finds every snapshot unchanged', async () => {
  const told = await integRunner('integ', 'npx tsx --tsconfig test/tsconfig.json {filePath}', []);
  expect(told).toMatch(new RegExp(`Tests:\\s+${APPS.length} passed, ${APPS.length} total`));
});

test('integ-runner deploys integ.basic to the local target, and destroys it', async () => {
  // The app itself ran above: what is run here writes the same assembly, and is there in a tenth of the time.
  const folder = mkdtempSync(join(tmpdir(), 'integ-local-'));
  writeFileSync(join(folder, 'integ.basic.ts'), '');
  cpSync(join(root, 'integ/integ.basic.ts.snapshot'), join(folder, 'integ.basic.ts.snapshot'), { recursive: true });
  const app = `node -e "fs.cpSync(process.env.BASIC, process.env.CDK_OUTDIR, { recursive: true })"`;
  const local = await startLocal();
  try {
    const own = local.environment({ as: 'arn:aws:iam::111111111111:root', region: 'us-east-1' });
    const told = await integRunner(folder, app, ['--force', '--no-update-workflow'], {
      ...process.env,
      ...own,
      BASIC: basic,
    });
    expect(told).toMatch(/SUCCESS\s+integ\.basic-Basic\/DefaultTest/);
    expect(told).toMatch(/Test Results:\s+Tests:\s+1 passed, 1 total/);
    expect(local.functions()).toEqual([]); // what a runner that succeeds has deployed there is gone
  } finally {
    await local.stop();
    rmSync(folder, { recursive: true });
  }
});

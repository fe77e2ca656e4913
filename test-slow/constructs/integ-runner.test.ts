/** The runner that deploys the integ apps finds the committed snapshots unchanged; the usual run compares them in process. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { APPS, copyOfCheckout, synthesize, templatesIn } from '../../test/integ/integ-apps';

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

test('integ-runner finds every snapshot unchanged', () => {
  const root = copyOfCheckout();
  for (const app of APPS)
    renewVersionIds(join(root, `integ/integ.${app}.ts.snapshot`), synthesize(app, join(root, 'integ')));
  const runner = join(root, 'node_modules/@aws-cdk/integ-runner/bin/integ-runner');
  const app = 'npx tsx --tsconfig test/tsconfig.json {filePath}';
  const options = ['--directory', 'integ', '--language', 'typescript', '--app', app, '--parallel-regions', 'us-east-1'];
  const { stdout, stderr } = spawnSync(process.execPath, [runner, ...options], { cwd: root, encoding: 'utf8' });
  rmSync(root, { recursive: true });
  expect(`${stdout}${stderr}`).toMatch(new RegExp(`Tests:\\s+${APPS.length} passed, ${APPS.length} total`));
}, 900_000);

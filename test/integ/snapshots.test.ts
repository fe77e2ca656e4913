/** Each integ app has the template that is committed; `UPDATE_INTEG_SNAPSHOTS=1` replaces it, after a look at the diff. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { APPS, INTEG, snapshotOf, synthesize, templatesIn, updateSnapshot, withoutCodeHashes } from './integ-apps';

test.each(APPS)('integ.%s has the template of its snapshot', (app) => {
  const assembly = synthesize(app);
  if (process.env['UPDATE_INTEG_SNAPSHOTS']) updateSnapshot(app, assembly);
  if (!existsSync(snapshotOf(app)))
    throw new Error(`no snapshot of integ.${app}; run UPDATE_INTEG_SNAPSHOTS=1 npx jest test/integ`);
  expect(withoutCodeHashes(templatesIn(assembly))).toEqual(withoutCodeHashes(templatesIn(snapshotOf(app))));
});

test.each(APPS)('integ.%s gives no warning', (app) => {
  const metadata = readdirSync(snapshotOf(app)).filter((file) => file.endsWith('.metadata.json'));
  const texts = metadata.map((file) => readFileSync(join(snapshotOf(app), file), 'utf8'));
  expect(metadata.length).toBeGreaterThan(1);
  expect(texts.join('')).not.toMatch(/"aws:cdk:(warning|error)"/);
});

test('no snapshot is without its app', () => {
  const snapshots = readdirSync(INTEG).filter((file) => file.endsWith('.snapshot'));
  expect(snapshots.sort()).toEqual(APPS.map((app) => `integ.${app}.ts.snapshot`).sort());
});

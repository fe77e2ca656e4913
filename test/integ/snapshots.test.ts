/** Each integ app has the template that is committed; `UPDATE_INTEG_SNAPSHOTS=1` replaces it, after a look at the diff. */
import { existsSync, readdirSync } from 'node:fs';
import { APPS, INTEG, snapshotOf, synthesize, templatesIn, updateSnapshot, withoutCodeHashes } from './integ-apps';

test.each(APPS)('integ.%s has the template of its snapshot', (app) => {
  const assembly = synthesize(app);
  if (process.env['UPDATE_INTEG_SNAPSHOTS']) updateSnapshot(app, assembly);
  if (!existsSync(snapshotOf(app)))
    throw new Error(`no snapshot of integ.${app}; run UPDATE_INTEG_SNAPSHOTS=1 npx jest test/integ`);
  expect(withoutCodeHashes(templatesIn(assembly))).toEqual(withoutCodeHashes(templatesIn(snapshotOf(app))));
});

test('no snapshot is without its app', () => {
  const snapshots = readdirSync(INTEG).filter((file) => file.endsWith('.snapshot'));
  expect(snapshots.sort()).toEqual(APPS.map((app) => `integ.${app}.ts.snapshot`).sort());
});

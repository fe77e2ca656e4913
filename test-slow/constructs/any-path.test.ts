/** The same app gives the same templates on any path, hashes of its bundled code included. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { APPS, copyOfCheckout, synthesize, templatesIn } from '../../test/integ/integ-apps';

let here: string;
let elsewhere: string;
beforeAll(() => {
  here = copyOfCheckout();
  elsewhere = copyOfCheckout(here);
});
afterAll(() => {
  for (const copy of [here, elsewhere]) rmSync(copy, { recursive: true, force: true });
});

test.each(APPS)('integ.%s is the same on another path', (app) => {
  expect(templatesIn(synthesize(app, join(elsewhere, 'integ')))).toEqual(
    templatesIn(synthesize(app, join(here, 'integ'))),
  );
});

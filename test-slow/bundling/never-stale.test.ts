import { EVERYDAY_PROJECT } from '../../test/constructs/bundling/everyday-project';
import { mutate } from '../../test/constructs/bundling/mutations';
import { removeProjects } from '../../test/constructs/bundling/project';
import { UNUSUAL_PROJECT } from '../../test/constructs/bundling/unusual-project';

afterAll(removeProjects);

/** How often each project is changed: more than there are kinds of change, so that each is tried. */
const CHANGES = Number(process.env['CHANGES'] ?? 55);

/** To see other orders: SEEDS=1,2,3 CHANGES=110 npm run test:slow -- never-stale */
const SEEDS = (process.env['SEEDS'] ?? '20785').split(',').map(Number);

describe.each([
  ['everyday', EVERYDAY_PROJECT],
  ['unusual', UNUSUAL_PROJECT],
])('no cached bundle differs from a new build, over random changes to an %s project', (_name, subject) => {
  test.each(SEEDS)('drawn from seed %d', async (seed) => {
    const tally = await mutate(subject, CHANGES, seed);
    expect(tally.mutations).toBe(CHANGES);
    // Else some change was never tried.
    expect(Object.keys(subject.mutations).length).toBeLessThan(CHANGES);
    // The check would prove nothing if nothing were ever cached, or nothing ever changed.
    expect(tally.hits).toBeGreaterThan(CHANGES / 2);
    expect(tally.changed).toBeGreaterThan(CHANGES / 5);
  });
});

import { EVERYDAY_PROJECT } from '../../test/constructs/bundling/everyday-project';
import { mutate } from '../../test/constructs/bundling/mutations';
import { removeProjects } from '../../test/constructs/bundling/project';
import { UNUSUAL_PROJECT } from '../../test/constructs/bundling/unusual-project';

afterAll(removeProjects);

/** Six projects, each changed 110 times. */
const CHANGES = 110;

describe.each([
  ['everyday', EVERYDAY_PROJECT],
  ['unusual', UNUSUAL_PROJECT],
])('no cached bundle differs from a new build, over random changes to an %s project', (_name, subject) => {
  test.each([1, 2, 3])(
    'drawn from seed %d',
    async (seed) => {
      const tally = await mutate(subject, CHANGES, seed);
      expect(tally.mutations).toBe(CHANGES);
      // Else some change was never tried.
      expect(Object.keys(subject.mutations).length).toBeLessThan(CHANGES);
      // The check would prove nothing if nothing were ever cached, or nothing ever changed.
      expect(tally.hits).toBeGreaterThan(CHANGES / 2);
      expect(tally.changed).toBeGreaterThan(CHANGES / 5);
    },
    300_000,
  );
});

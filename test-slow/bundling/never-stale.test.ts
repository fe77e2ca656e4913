import { mutate } from '../../test/constructs/bundling/mutations';
import { removeProjects } from '../../test/constructs/bundling/project';

afterAll(removeProjects);

/** Five projects, each changed 110 times. */
const SEEDS = [1, 2, 3, 4, 5];
const CHANGES = 110;

test.each(SEEDS)(
  'no cached bundle differs from a new build, over %#. random changes to a project',
  async (seed) => {
    const tally = await mutate(CHANGES, seed);
    expect(tally.mutations).toBe(CHANGES);
    // The check would prove nothing if nothing were ever cached, or nothing ever changed.
    expect(tally.hits).toBeGreaterThan(CHANGES / 2);
    expect(tally.changed).toBeGreaterThan(CHANGES / 5);
  },
  300_000,
);

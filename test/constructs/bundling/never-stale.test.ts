import { EVERYDAY_PROJECT } from './everyday-project';
import { mutate } from './mutations';
import { removeProjects } from './project';
import { UNUSUAL_PROJECT } from './unusual-project';

afterAll(removeProjects);

test.each([
  ['an everyday', EVERYDAY_PROJECT],
  ['an unusual', UNUSUAL_PROJECT],
])(
  'no cached bundle differs from a new build, over random changes to %s project',
  async (_name, subject) => {
    const tally = await mutate({ ...subject, builds: subject.builds.slice(-1) }, 25, 20);
    expect(tally.mutations).toBe(25);
    // The check would prove nothing if nothing were ever cached, or nothing ever changed.
    expect(tally.hits).toBe(26);
    expect(tally.changed).toBeGreaterThan(5);
  },
  60_000,
);

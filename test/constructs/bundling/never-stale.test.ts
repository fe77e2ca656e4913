import { EVERYDAY_PROJECT } from './everyday-project';
import { mutate } from './mutations';
import { removeProjects } from './project';
import { UNUSUAL_PROJECT } from './unusual-project';

afterAll(removeProjects);

/** A sample; the slow suite tries each change many times, under more options. */
const CHANGES = 8;

test.each([
  ['an everyday', EVERYDAY_PROJECT],
  ['an unusual', UNUSUAL_PROJECT],
])('no cached bundle differs from a new build, over random changes to %s project', async (_name, subject) => {
  const tally = await mutate({ ...subject, builds: subject.builds.slice(-1) }, CHANGES, 20);
  expect(tally.mutations).toBe(CHANGES);
  // The check would prove nothing if nothing were ever cached, or nothing ever changed.
  expect(tally.hits).toBe(CHANGES + 1);
  expect(tally.changed).toBeGreaterThan(CHANGES / 5);
});

import { mutate } from './mutations';
import { removeProjects } from './project';

afterAll(removeProjects);

test('no cached bundle differs from a new build, over random changes to a project', async () => {
  const tally = await mutate(25, 20, [{ sourceMap: true }]);
  expect(tally.mutations).toBe(25);
  // The check would prove nothing if nothing were ever cached, or nothing ever changed.
  expect(tally.hits).toBe(26);
  expect(tally.changed).toBeGreaterThan(5);
}, 60_000);

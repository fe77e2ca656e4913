import { compareEvaluators } from '../../test/local/iam/random-policies';

test.each([1, 2])('15,000 random decisions of seed %i are those of the reference evaluator', (seed) => {
  for (const count of Object.values(compareEvaluators(15_000, seed))) expect(count).toBeGreaterThan(1_000);
});

import fc from 'fast-check';
import { policyProblem } from '../../../src/local/iam/policy-problem';
import type { PolicyDocument } from '../../../src/local/state';
import { compareEvaluators, evaluationRequest } from './random-policies';

test('4,000 random decisions are those of an evaluator that was written apart; the slow suite makes 30,000', () => {
  // Every verdict is common, or the comparison would prove little.
  for (const count of Object.values(compareEvaluators(4_000))) expect(count).toBeGreaterThan(200);
});

test('the random policies are such as IAM stores', () => {
  const problemOf = (document: PolicyDocument | undefined, use: 'identity' | 'resource') =>
    document && policyProblem({ ...document }, use);
  fc.assert(
    fc.property(evaluationRequest, ({ identityPolicies, resourcePolicy, permissionsBoundary, sessionPolicy }) => {
      const identity = [permissionsBoundary, sessionPolicy, ...identityPolicies.map(({ document }) => document)];
      expect([
        ...identity.map((document) => problemOf(document, 'identity')),
        problemOf(resourcePolicy, 'resource'),
      ]).toEqual(Array.from({ length: identity.length + 1 }));
    }),
    { numRuns: 100 },
  );
});

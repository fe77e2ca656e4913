import { orphanPrincipal } from '../../../src/local/resources/orphan-principal';
import { emptyState, type PolicyStatement } from '../../../src/local/state';

const [ROLE, OTHER] = ['arn:aws:iam::111111111111:role/Gone', 'arn:aws:iam::111111111111:role/Stays'];
const QUEUE = 'arn:aws:sqs:eu-west-1:111111111111:q';

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-roles
test.each<[string, Partial<PolicyStatement>, Partial<PolicyStatement>]>([
  ['lets in', { Principal: { AWS: ROLE } }, { Principal: { AWS: ['AROAGONE'] } }],
  [
    'spares',
    { NotPrincipal: { AWS: [ROLE, '111111111111'] } },
    { NotPrincipal: { AWS: ['AROAGONE', '111111111111'] } },
  ],
])('a policy that %s a role that is deleted keeps its id', (_, named, kept) => {
  const state = emptyState();
  const rest = { Effect: 'Deny', Action: '*' } as const;
  const untouched = { ...rest, Principal: { AWS: OTHER } };
  state.resourcePolicies.set(QUEUE, { Statement: [untouched, { ...rest, ...named }] });
  expect(orphanPrincipal(state, ROLE, 'AROAGONE')).toEqual([QUEUE]);
  expect(state.resourcePolicies.get(QUEUE)).toEqual({ Statement: [untouched, { ...rest, ...kept }] });
  expect(orphanPrincipal(state, ROLE, 'AROAGONE')).toEqual([]);
});

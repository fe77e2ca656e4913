/** Reads a resource property that holds a policy document. */

import { type PolicyUse, policyProblem } from '../iam/policy-problem';
import type { PolicyDocument } from '../state';
import type { Properties } from './properties';

/** The policy document in property `name`; throws when IAM would refuse it. */
export function readPolicyDocument(properties: Properties, name: string, use: PolicyUse): PolicyDocument {
  const { values } = properties.object(name);
  const problem = policyProblem(values, use);
  if (problem !== undefined) properties.refuse(name, problem);
  return values as unknown as PolicyDocument; // just checked
}

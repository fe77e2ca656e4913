/**
 * A whole resource-based policy for one function, version or alias; takes the place of its `AWS::Lambda::Permission`s.
 * https://docs.aws.amazon.com/lambda/latest/api/API_PutResourcePolicy.html
 */

import { statementsOf } from '../iam/statement';
import { requirePrincipals } from './principal-check';
import type { Properties } from './properties';
import type { ResourceContext, ResourceProvider, ResourceValues } from './provider';
import { requireFunction } from './qualified-function';

export const lambdaResourcePolicy: ResourceProvider = {
  type: 'AWS::Lambda::ResourcePolicy',
  properties: ['PolicyDocument', 'ResourceArn'],
  withoutEffect: ['BlockPublicPolicy'],
  replacedBy: ['ResourceArn'],

  create: put,
  update: put,

  delete(context, previous) {
    const arn = previous.physicalId;
    context.state.functions.get(arn.split(':').slice(0, 7).join(':'))?.resourcePolicies.delete(arn);
  },
};

function put(context: ResourceContext, properties: Properties): ResourceValues {
  const { fn, qualifier, arn } = requireFunction(context, 'lambda:PutResourcePolicy', properties.text('ResourceArn'));
  if (qualifier === '$LATEST') throw new Error('$LATEST cannot have a resource-based policy');
  const document = properties.policyDocument('PolicyDocument', 'resource');
  requirePrincipals(context, document);
  const current = fn.resourcePolicies.get(arn);
  const statements = current ? statementsOf(current) : [];
  const replaced = statements.filter(({ Sid }) => Sid?.startsWith(`${context.stackName}-`));
  if (replaced.length > 0) {
    context.warn(
      `the policy of ${arn} replaces ${replaced.length} statement(s) of AWS::Lambda::Permission; use one kind`,
    );
  }
  fn.resourcePolicies.set(arn, document);
  return { physicalId: arn, attributes: { ResourceArn: arn } };
}

/**
 * Writes a statement as `AWS::Lambda::Permission`, which knows a handful of conditions and no others.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-permission.html
 */
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { watchPolicySize } from '../checks/policy-size';
import { StreamingConstructError } from '../problems/construct-error';
import type { GrantedFunction } from './granted-function';
import { type ResourceStatement, statementHash } from './resource-statement';

type ConditionProps = Pick<
  lambda.CfnPermissionProps,
  'sourceArn' | 'sourceAccount' | 'principalOrgId' | 'functionUrlAuthType' | 'invokedViaFunctionUrl'
>;

/** Condition (operator and key, in lower case) → the property that expresses it. */
const EXPRESSIBLE: Readonly<Record<string, keyof ConditionProps>> = {
  'arnlike aws:sourcearn': 'sourceArn',
  'arnequals aws:sourcearn': 'sourceArn', // IAM treats the two operators alike
  'stringequals aws:sourceaccount': 'sourceAccount',
  'stringequals aws:principalorgid': 'principalOrgId',
  'stringequals lambda:functionurlauthtype': 'functionUrlAuthType',
  'bool lambda:invokedviafunctionurl': 'invokedViaFunctionUrl',
};

/** Defines the permission as a child of the function; an equal statement gets the permission that is there already. */
export function definePermission(granted: GrantedFunction, statement: ResourceStatement): lambda.CfnPermission {
  const id = `Stream${statementHash(granted.stack, statement)}`;
  const existing = granted.scope.node.tryFindChild(id);
  if (existing) return existing as lambda.CfnPermission;
  watchPolicySize(granted.scope);
  return new lambda.CfnPermission(granted.scope, id, {
    action: statement.action,
    functionName: granted.arn,
    principal: statement.principal.value,
    ...conditionProps(granted, statement),
  });
}

function conditionProps(granted: GrantedFunction, statement: ResourceStatement): ConditionProps {
  const props: Record<string, unknown> = {};
  for (const [operator, keys] of Object.entries(statement.conditions)) {
    for (const [key, value] of Object.entries(keys)) {
      const property = EXPRESSIBLE[`${operator} ${key}`.toLowerCase()];
      const single = [value].flat();
      if (!property || single.length !== 1) throw inexpressible(granted, operator, key, value);
      props[property] = single[0];
    }
  }
  return props;
}

function inexpressible(granted: GrantedFunction, operator: string, key: string, value: unknown): Error {
  const condition = JSON.stringify({ [operator]: { [key]: value } });
  return new StreamingConstructError(
    granted.scope,
    'ConditionNeedsResourcePolicy',
    `AWS::Lambda::Permission cannot express the condition ${condition}; ` +
      'call streamGrants.useResourcePolicy() to write the permissions of this ARN as one AWS::Lambda::ResourcePolicy, which can, ' +
      'or drop the condition. AWS::Lambda::Permission knows single values of ArnLike aws:SourceArn, ' +
      'StringEquals aws:SourceAccount and StringEquals aws:PrincipalOrgID',
  );
}

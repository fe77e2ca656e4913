/**
 * One statement of a function's resource-based policy.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-permission.html
 */

import { RESOURCE_POLICY_MAX_BYTES } from '../../wire/limits';
import { statementsOf } from '../iam/statement';
import type { PolicyDocument, PolicyStatement } from '../state';
import { isMissingRole, isMissingUser, missingRoleHint } from './principal-check';
import type { Properties } from './properties';
import type { ResourceContext, ResourceProvider } from './provider';
import { requireFunction } from './qualified-function';

export const lambdaPermission: ResourceProvider = {
  type: 'AWS::Lambda::Permission',
  properties: [
    'Action',
    'EventSourceToken',
    'FunctionName',
    'FunctionUrlAuthType',
    'InvokedViaFunctionUrl',
    'Principal',
    'PrincipalOrgID',
    'SourceAccount',
    'SourceArn',
  ],

  create(context, properties) {
    const { fn, qualifier, arn } = requireFunction(context, 'lambda:AddPermission', properties.text('FunctionName'));
    if (qualifier === '$LATEST') {
      throw new Error('$LATEST cannot have a resource-based policy; name the function, a version or an alias');
    }
    const statement: PolicyStatement = {
      Sid: context.generateName(100),
      Effect: 'Allow',
      Principal: readPrincipal(context, properties),
      Action: readAction(context, properties),
      Resource: arn,
      Condition: readCondition(properties),
    };
    const { Version = '2012-10-17', Statement = [] } = fn.resourcePolicies.get(arn) ?? {};
    const policy = { Version, Statement: [Statement, statement].flat() };
    requirePolicySize(policy);
    fn.resourcePolicies.set(arn, policy);
    return { physicalId: `${arn}|${statement.Sid}`, attributes: { Id: statement.Sid } };
  },

  delete(context, previous) {
    const [arn = ''] = previous.physicalId.split('|');
    const fn = context.state.functions.get(arn.split(':').slice(0, 7).join(':'));
    const policy = fn?.resourcePolicies.get(arn);
    const others = policy ? statementsOf(policy).filter(({ Sid }) => Sid !== previous.attributes['Id']) : [];
    if (others.length > 0) fn?.resourcePolicies.set(arn, { ...policy, Statement: others });
    else fn?.resourcePolicies.delete(arn);
  },
};

function requirePolicySize(policy: PolicyDocument): void {
  const size = Buffer.byteLength(JSON.stringify(policy));
  if (size <= RESOURCE_POLICY_MAX_BYTES) return;
  throw new Error(`The final policy size (${size}) is bigger than the limit (${RESOURCE_POLICY_MAX_BYTES}).`);
}

/** The principal as AWS stores it: an account as its root, a service as a service. */
function readPrincipal(context: ResourceContext, properties: Properties): unknown {
  const principal = properties.text('Principal');
  if (principal === '*') return '*';
  if (/^\d{12}$/.test(principal)) return { AWS: `arn:${context.partition}:iam::${principal}:root` };
  if (/^arn:[^:]+:(iam|sts)::\d{12}:/.test(principal)) {
    if (isMissingUser(context.state, principal)) throw new Error('The provided principal was invalid.');
    if (isMissingRole(context, principal)) {
      const message = 'The provided principal was invalid. Please check the principal and try again.';
      throw new Error(`${message}${missingRoleHint(context, principal)}`);
    }
    return { AWS: principal };
  }
  if (/^[a-z0-9.-]+\.[a-z.]+$/.test(principal)) return { Service: principal };
  return properties.refuse('Principal', 'must be an account, an IAM ARN, a service such as s3.amazonaws.com, or *');
}

function readAction(context: ResourceContext, properties: Properties): string {
  const action = properties.text('Action');
  if (!/^(lambda:(\*|[a-zA-Z]+)|\*)$/.test(action)) properties.refuse('Action', 'must be an action of Lambda');
  if (action === 'lambda:InvokeWithResponseStream') {
    context.warn(`${action} is no IAM action and allows nothing; streaming needs lambda:InvokeFunction`);
  }
  return action;
}

/** The condition that AWS writes for each property. A value that no request can have would allow nothing in silence. */
function readCondition(properties: Properties): PolicyStatement['Condition'] {
  const keys: readonly (readonly [property: string, operator: string, key: string])[] = [
    ['SourceArn', 'ArnLike', 'aws:SourceArn'],
    ['SourceAccount', 'StringEquals', 'aws:SourceAccount'],
    ['PrincipalOrgID', 'StringEquals', 'aws:PrincipalOrgID'],
    ['FunctionUrlAuthType', 'StringEquals', 'lambda:FunctionUrlAuthType'],
    ['InvokedViaFunctionUrl', 'Bool', 'lambda:InvokedViaFunctionUrl'],
    ['EventSourceToken', 'StringEquals', 'lambda:EventSourceToken'],
  ];
  properties.optionalChoice('FunctionUrlAuthType', ['AWS_IAM', 'NONE']);
  properties.optionalChoice('InvokedViaFunctionUrl', ['true', 'false']);
  if (!/^\d{12}$/.test(properties.optionalText('SourceAccount') ?? '000000000000')) {
    properties.refuse('SourceAccount', 'must be an account of twelve digits');
  }
  const condition: Record<string, Record<string, string>> = {};
  for (const [property, operator, key] of keys) {
    const value = properties.optionalText(property);
    if (value !== undefined) condition[operator] = { ...condition[operator], [key]: value };
  }
  return condition;
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-layerversionpermission.html */
import { statementsOf } from '../iam/statement';
import type { Properties } from './properties';
import type { ResourceContext, ResourceProvider } from './provider';

export const lambdaLayerVersionPermission: ResourceProvider = {
  type: 'AWS::Lambda::LayerVersionPermission',
  properties: ['Action', 'LayerVersionArn', 'OrganizationId', 'Principal'],
  replacedBy: ['Action', 'LayerVersionArn', 'OrganizationId', 'Principal'],

  create(context, properties) {
    const arn = properties.text('LayerVersionArn');
    context.requireAccess('lambda:AddLayerVersionPermission', arn);
    const Sid = context.generateName(100);
    change(context, arn, (statements) => [...statements, statement(properties, arn, Sid)]);
    return { physicalId: `${arn}#${Sid}`, attributes: { Id: `${arn}#${Sid}` } };
  },

  delete(context, { physicalId }) {
    const [arn = '', gone] = physicalId.split('#');
    change(context, arn, (statements) => statements.filter(({ Sid }) => Sid !== gone));
  },
};

type Statements = ReturnType<typeof statementsOf>;

function change({ state }: ResourceContext, arn: string, next: (statements: Statements) => Statements): void {
  const { resourcePolicies } = state;
  const current = resourcePolicies.get(arn);
  const Statement = next(current ? statementsOf(current) : []);
  if (Statement.length === 0) resourcePolicies.delete(arn);
  else resourcePolicies.set(arn, { Version: '2012-10-17', Statement });
}

function statement(properties: Properties, Resource: string, Sid: string): Statements[number] {
  const principal = properties.text('Principal');
  if (!/^(\d{12}|\*)$/.test(principal)) properties.refuse('Principal', 'must be the id of an account, or *');
  const organization = properties.optionalText('OrganizationId');
  const Action = properties.optionalChoice('Action', ['lambda:GetLayerVersion']) ?? 'lambda:GetLayerVersion';
  return {
    Sid,
    Effect: 'Allow',
    Principal: principal === '*' ? '*' : { AWS: principal },
    Action,
    Resource,
    ...(organization !== undefined && { Condition: { StringEquals: { 'aws:PrincipalOrgID': organization } } }),
  };
}

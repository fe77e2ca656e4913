/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ssm-parameter.html */

import type { Properties } from './properties';
import type { ResourceContext, ResourceProvider, ResourceValues } from './provider';

export const ssmParameter: ResourceProvider = {
  type: 'AWS::SSM::Parameter',
  properties: ['Name', 'Tags', 'Type', 'Value'],
  withoutEffect: ['AllowedPattern', 'DataType', 'Description', 'Policies', 'Tier'],
  replacedBy: ['Name'],

  create(context, properties) {
    const name = properties.optionalText('Name') ?? context.generateName(512);
    if (context.state.parameters.has(parameterArn(context, name))) {
      throw new Error(`The parameter already exists: ${name}`);
    }
    return put(context, properties, name);
  },

  update: (context, properties, previous) => put(context, properties, previous.physicalId),

  delete(context, previous) {
    const arn = parameterArn(context, previous.physicalId);
    context.state.parameters.delete(arn);
    context.state.resourceTags.delete(arn);
  },
};

function put(context: ResourceContext, properties: Properties, name: string): ResourceValues {
  const type = properties.optionalChoice('Type', ['String', 'StringList']) ?? 'String';
  const value = properties.text('Value', { min: 1, max: 8_192 });
  const arn = parameterArn(context, name);
  context.state.parameters.set(arn, value);
  context.state.resourceTags.set(arn, properties.tags());
  return { physicalId: name, attributes: { Type: type, Value: value } };
}

/** The ARN of an SSM parameter; the slash that leads a hierarchical name is not written twice. */
export function parameterArn(
  { partition, region, account }: { readonly partition: string; readonly region: string; readonly account: string },
  name: string,
): string {
  return `arn:${partition}:ssm:${region}:${account}:parameter/${name.replace(/^\//, '')}`;
}

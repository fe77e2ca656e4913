/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-stack.html */

import { Properties } from './properties';
import type { ResourceProvider } from './provider';

export const cloudFormationStack: ResourceProvider = {
  type: 'AWS::CloudFormation::Stack',
  properties: ['Parameters', 'TemplateURL'],
  withoutEffect: ['NotificationARNs', 'Tags', 'TimeoutInMinutes'],
  replacedBy: [],
  create: ({ nestedStack }, properties) => nestedStack.deploy(parametersOf(properties)),
  update: ({ nestedStack }, properties, { physicalId }) => nestedStack.deploy(parametersOf(properties), physicalId),
  delete: ({ nestedStack }) => nestedStack.delete(),
};

/** Lists become text with commas, which a parameter of a list type takes apart again. */
function parametersOf(properties: Properties): Record<string, string> {
  const given = properties.optionalObject('Parameters') ?? new Properties({});
  return Object.fromEntries(
    Object.entries(given.values).map(([name, value]) => [
      name,
      Array.isArray(value) ? given.texts(name).join(',') : given.text(name),
    ]),
  );
}

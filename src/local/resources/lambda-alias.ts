/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-alias.html */

import type { AliasState, FunctionState } from '../state';
import type { Properties } from './properties';
import type { ResourceProvider } from './provider';
import { requireFunction } from './qualified-function';

export const lambdaAlias: ResourceProvider = {
  type: 'AWS::Lambda::Alias',
  properties: ['FunctionName', 'FunctionVersion', 'Name', 'RoutingConfig'],
  withoutEffect: ['Description', 'ProvisionedConcurrencyConfig'],
  replacedBy: ['FunctionName', 'Name'],

  create(context, properties) {
    const { fn } = requireFunction(context, 'lambda:CreateAlias', properties.text('FunctionName'));
    const alias = readAlias(properties, fn);
    const aliasArn = `${fn.functionArn}:${alias.name}`;
    if (fn.aliases.has(alias.name)) throw new Error(`Alias already exists: ${aliasArn}`);
    fn.aliases.set(alias.name, alias);
    return { physicalId: aliasArn, attributes: { AliasArn: aliasArn } };
  },

  update(context, properties, previous) {
    const { fn } = requireFunction(context, 'lambda:UpdateAlias', properties.text('FunctionName'));
    const alias = readAlias(properties, fn);
    fn.aliases.set(alias.name, alias);
    return { physicalId: previous.physicalId, attributes: previous.attributes };
  },

  delete(context, previous) {
    const name = previous.properties.text('Name');
    const fn = context.state.functions.get(previous.physicalId.slice(0, -name.length - 1));
    fn?.aliases.delete(name);
    fn?.resourcePolicies.delete(previous.physicalId);
  },
};

function readAlias(properties: Properties, fn: FunctionState): AliasState {
  const name = properties.text('Name', { min: 1, max: 128 });
  if (!/^(?!\d+$)[a-zA-Z0-9-_]+$/.test(name)) {
    properties.refuse('Name', 'must consist of letters, digits, hyphens and underscores and not of digits alone');
  }
  const functionVersion = properties.text('FunctionVersion');
  const weights = properties.optionalObject('RoutingConfig')?.items('AdditionalVersionWeights') ?? [];
  const alias: AliasState = {
    name,
    functionVersion,
    additionalVersionWeights: Object.fromEntries(
      weights.map((weight) => [weight.text('FunctionVersion'), readShare(weight)]),
    ),
  };
  for (const version of [functionVersion, ...Object.keys(alias.additionalVersionWeights)]) {
    if (!fn.versions.has(version)) throw new Error(`Function not found: ${fn.functionArn}:${version}`);
  }
  const problem = routingProblem(alias);
  if (problem !== undefined) throw new Error(problem);
  return alias;
}

/**
 * Why an alias cannot share requests in this way, in Lambda's words; undefined where it can.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html
 */
export function routingProblem({ additionalVersionWeights, functionVersion }: AliasState): string | undefined {
  const [other, ...more] = Object.keys(additionalVersionWeights);
  if (more.length > 0) return 'Number of items in AdditionalVersionWeights cannot be greater than 1';
  if (other === undefined) return undefined;
  if (other === functionVersion) {
    return `Invalid function version ${other}. Function version ${other} is already included in routing configuration.`;
  }
  if (other === '$LATEST' || functionVersion === '$LATEST') {
    return '$LATEST is not supported for an alias pointing to more than 1 version';
  }
  return undefined;
}

function readShare(weight: Properties): number {
  const share = Number(weight.text('FunctionWeight'));
  if (!(share >= 0 && share <= 1)) weight.refuse('FunctionWeight', 'must be 0.0 to 1.0');
  return share;
}

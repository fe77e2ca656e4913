/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-version.html */

import type { FunctionState } from '../state';
import type { ResourceProvider } from './provider';
import { requireFunction } from './qualified-function';

export const lambdaVersion: ResourceProvider = {
  type: 'AWS::Lambda::Version',
  properties: ['FunctionName'],
  withoutEffect: ['CodeSha256', 'Description', 'ProvisionedConcurrencyConfig', 'RuntimePolicy'],

  create(context, properties) {
    const { fn } = requireFunction(context, 'lambda:PublishVersion', properties.text('FunctionName'));
    const version = publish(fn);
    const functionArn = `${fn.functionArn}:${version}`;
    return { physicalId: functionArn, attributes: { Version: version, FunctionArn: functionArn } };
  },

  delete(context, previous) {
    const version = String(previous.attributes['Version']);
    const fn = context.state.functions.get(previous.physicalId.slice(0, -version.length - 1));
    if (!fn) return; // gone with its function
    const alias = [...fn.aliases.values()].find(
      ({ functionVersion, additionalVersionWeights }) =>
        functionVersion === version || version in additionalVersionWeights,
    );
    if (alias) throw new Error(`version ${version} of ${fn.functionName} is still used by its alias '${alias.name}'`);
    fn.versions.delete(version);
    fn.resourcePolicies.delete(previous.physicalId);
  },
};

/** A resource stands for a version of its own. */
function publish(fn: FunctionState): string {
  const version = publishVersion(fn);
  if (version !== undefined) return version;
  throw new Error(
    `A version for this Lambda function exists ( ${fn.lastVersion} ). Modify the function to create a new version.`,
  );
}

/** Freezes `$LATEST` under the next number; undefined when nothing changed since the newest version. */
export function publishVersion(fn: FunctionState): string | undefined {
  const latest = fn.versions.get('$LATEST');
  if (!latest) throw new Error(`function ${fn.functionName} has no $LATEST`);
  const newest = fn.versions.get(String(fn.lastVersion));
  const { lastModified } = latest;
  const isSame = newest && JSON.stringify({ ...newest, version: '$LATEST', lastModified }) === JSON.stringify(latest);
  if (isSame) return undefined;
  fn.lastVersion += 1;
  const version = String(fn.lastVersion);
  fn.versions.set(version, { ...latest, version });
  return version;
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-layerversion.html */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { codeFolder } from './code-folder';
import type { Properties } from './properties';
import type { ResourceContext, ResourceProvider } from './provider';

export const lambdaLayerVersion: ResourceProvider = {
  type: 'AWS::Lambda::LayerVersion',
  properties: ['Content', 'LayerName'],
  withoutEffect: ['CompatibleArchitectures', 'CompatibleRuntimes', 'Description', 'LicenseInfo'],

  create(context, properties) {
    const { account, partition, region, state } = context;
    const name = properties.optionalText('LayerName', { min: 1, max: 140 }) ?? context.generateName(64);
    const directory = codeFolder(context, properties.object('Content'));
    const layerArn = `arn:${partition}:lambda:${region}:${account}:layer:${name}`;
    const { lastVersion = 0, versions = new Map() } = state.layers.get(layerArn) ?? {};
    const version = lastVersion + 1;
    state.layers.set(layerArn, {
      lastVersion: version,
      versions: new Map([...versions, [String(version), directory]]),
    });
    const physicalId = `${layerArn}:${version}`;
    return { physicalId, attributes: { LayerVersionArn: physicalId } };
  },

  delete({ state }, { physicalId }) {
    const { layerArn, version } = partsOf(physicalId);
    state.layers.get(layerArn)?.versions.delete(version);
  },
};

function partsOf(layerVersionArn: string): { readonly layerArn: string; readonly version: string } {
  const [, layerArn = layerVersionArn, version = ''] = /^(.*):(\d+)$/.exec(layerVersionArn) ?? [];
  return { layerArn, version };
}

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MAX_LAYERS = 5;

/**
 * The folders of a function's layers, in the order of its property; what of them has no effect here is a warning.
 * @param isPlayed whether something else here does what an unknown layer is for
 */
export function layersOf(
  context: ResourceContext,
  properties: Properties,
  functionName: string,
  isPlayed: (layerVersionArn: string) => boolean,
): string[] {
  const arns = properties.texts('Layers');
  if (arns.length > MAX_LAYERS) properties.refuse('Layers', `must have at most ${MAX_LAYERS} layers`);
  return arns.flatMap((arn) => {
    const { layerArn, version } = partsOf(arn);
    const folder = context.state.layers.get(layerArn)?.versions.get(version);
    if (folder === undefined) {
      if (!isPlayed(arn))
        context.warn(`no stack here has the layer '${arn}' of function '${functionName}': it is left out`);
      return [];
    }
    const [, , , region = ''] = arn.split(':');
    if (region !== context.region)
      throw new Error(`Layers from '${region}' are not reachable in this region ('${context.region}')`);
    context.requireAccess('lambda:GetLayerVersion', arn);
    if (existsSync(join(folder, 'extensions'))) {
      context.warn(`the extensions in the layer '${arn}' of function '${functionName}' do not run here`);
    }
    return [folder];
  });
}

/** Which resources of a template are nested stacks, and which asset of the assembly is the template of each. */

import { AssemblyError } from '../local-error';
import type { FileAsset } from './read-assets';
import type { Template } from './template';

const NESTED_STACK_TYPE = 'AWS::CloudFormation::Stack';

interface NestedTemplate {
  readonly logicalId: string;
  /** Absolute path of its template. */
  readonly file: string;
}

/**
 * The nested stacks of a template whose own template lies in the assembly. Another one is left out: only its deployment,
 * which an unmet condition may spare, asks for it.
 * @param outer templates that this one is nested in, itself included
 */
export function nestedTemplates(
  template: Template,
  assets: readonly FileAsset[],
  outer: readonly string[],
): readonly NestedTemplate[] {
  return Object.entries(template.Resources ?? {}).flatMap(([logicalId, { Type, Properties }]) => {
    if (Type !== NESTED_STACK_TYPE) return [];
    // The address holds intrinsic functions for bucket and region; the key, a hash, is literal.
    const url = JSON.stringify(Properties?.['TemplateURL'] ?? '');
    const asset = assets.find(({ objectKeys }) => objectKeys.some((key) => url.includes(lastStep(key))));
    if (!asset) return [];
    if (outer.includes(asset.path)) {
      throw new AssemblyError(`nested stacks contain each other: '${asset.path}' is the template of ${logicalId} too`);
    }
    return [{ logicalId, file: asset.path }];
  });
}

function lastStep(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1);
}

/** Names for resources without one, in the form CloudFormation gives them: `<stack>-<logical id>-<suffix>`. */

import { createHash } from 'node:crypto';

const SUFFIX_LENGTH = 12;

/**
 * A name of at most `maxLength` characters. The suffix follows from `uniqueness`, not from chance, so that the same
 * deployments give the same names in every process; a retained resource and its successor differ in `uniqueness`.
 */
export function physicalName(stackName: string, logicalId: string, uniqueness: string, maxLength: number): string {
  const hash = createHash('sha256').update([stackName, logicalId, uniqueness].join('\n')).digest();
  const suffix = BigInt(`0x${hash.toString('hex')}`)
    .toString(36)
    .slice(0, SUFFIX_LENGTH)
    .toUpperCase();
  const room = maxLength - suffix.length - 2;
  const stackPart = stackName.slice(0, Math.max(Math.floor(room / 2), room - logicalId.length));
  return `${stackPart}-${logicalId.slice(0, room - stackPart.length)}-${suffix}`;
}

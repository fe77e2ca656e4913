/** The outputs of a stack and what it exports. */

import { conditionHolds, type ResolveScope, resolveIntrinsics } from '../assembly/resolve-intrinsics';
import type { Template } from '../assembly/template';
import { excerpt } from '../local-error';

export interface StackOutputs {
  readonly outputs: Readonly<Record<string, string>>;
  readonly exports: ReadonlyMap<string, string>;
}

/**
 * Resolves the outputs whose condition holds. Throws with the name of an output that has no text value.
 * @param localAddress makes outputs hold addresses that answer; exports keep those that other templates take apart
 */
export function readOutputs(
  template: Template,
  scope: ResolveScope,
  localAddress: (text: string) => string,
): StackOutputs {
  const outputs: Record<string, string> = {};
  const exports = new Map<string, string>();
  for (const [name, output] of Object.entries(template.Outputs ?? {})) {
    if (output.Condition !== undefined && !conditionHolds(output.Condition, scope)) continue;
    const value = resolveIntrinsics(output.Value, scope);
    if (typeof value === 'object' || value === undefined) {
      throw new Error(`output '${name}' must be text, got ${excerpt(value)}`);
    }
    outputs[name] = localAddress(String(value));
    if (output.Export) exports.set(String(resolveIntrinsics(output.Export.Name, scope)), String(value));
  }
  return { outputs, exports };
}

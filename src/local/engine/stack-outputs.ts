/** The outputs of a stack and what it exports. */

import { conditionHolds, type ResolveScope, resolveIntrinsics } from '../assembly/resolve-intrinsics';
import type { Template } from '../assembly/template';
import { excerpt } from '../local-error';

export interface StackOutputs {
  readonly outputs: Readonly<Record<string, string>>;
  /** The outputs with the addresses of AWS, which templates take apart. */
  readonly values: Readonly<Record<string, string>>;
  readonly exports: ReadonlyMap<string, string>;
}

/**
 * Resolves the outputs whose condition holds. Throws with the name of an output that has no text value.
 * @param localAddress makes outputs hold addresses that answer
 */
export function readOutputs(
  template: Template,
  scope: ResolveScope,
  localAddress: (text: string) => string,
): StackOutputs {
  const values: Record<string, string> = {};
  const exports = new Map<string, string>();
  for (const [name, output] of Object.entries(template.Outputs ?? {})) {
    if (output.Condition !== undefined && !conditionHolds(output.Condition, scope)) continue;
    const value = resolveIntrinsics(output.Value, scope);
    if (typeof value === 'object' || value === undefined) {
      throw new Error(`output '${name}' must be text, got ${excerpt(value)}`);
    }
    values[name] = String(value);
    if (output.Export) exports.set(String(resolveIntrinsics(output.Export.Name, scope)), String(value));
  }
  const outputs = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, localAddress(value)]));
  return { outputs, values, exports };
}

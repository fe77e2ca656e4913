/**
 * The `Rules` of a template, which check the values of its parameters before anything is deployed.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html
 */

import { AssemblyError } from '../local-error';
import { holds, type ResolveScope } from './resolve-intrinsics';
import type { Template } from './template';

/** @throws AssemblyError that names the first rule that does not hold, in its own words */
export function checkRules({ Rules = {} }: Pick<Template, 'Rules'>, scope: ResolveScope): void {
  for (const [name, { RuleCondition = true, Assertions = [] }] of Object.entries(Rules)) {
    if (!holds(RuleCondition, scope)) continue;
    for (const { Assert, AssertDescription } of Assertions) {
      if (holds(Assert, scope)) continue;
      const reason = typeof AssertDescription === 'string' ? `: ${AssertDescription}` : '';
      throw new AssemblyError(`the rule '${name}' of the template does not hold${reason}`);
    }
  }
}

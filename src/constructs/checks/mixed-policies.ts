/** One resource policy written in two ways: `AWS::Lambda::ResourcePolicy` and `AWS::Lambda::Permission` overwrite each other. */
import type { CheckedApp } from './checked-app';
import { permissionsOn, policyKey } from './permissions';
import { qualifiedFunction } from './qualified-function';
import type { Finding, Rule } from './rule';

export const mixedPolicies: Rule = {
  id: 'MixedPolicies',
  *find(app: CheckedApp): Iterable<Finding> {
    const seen = new Map<string, string>();
    for (const { at, stack, properties } of app.ofType('AWS::Lambda::ResourcePolicy')) {
      const callee = qualifiedFunction(app, stack, properties['ResourceArn']);
      if (!callee) continue;
      const key = policyKey(callee);
      const beside = permissionsOn(app, callee)[0]?.at.node.path;
      const other = beside ?? seen.get(key);
      seen.set(key, at.node.path);
      if (!other) continue;
      yield {
        at,
        message:
          `the same resource policy is also written by ${other}, and each deployment of one can undo the other; ` +
          'keep one of them: all statements in one AWS::Lambda::ResourcePolicy, or AWS::Lambda::Permission only',
      };
    }
  },
};

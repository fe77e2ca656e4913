/** `lambda:InvokeWithResponseStream` in a policy: there is no such IAM action, so the statement allows nothing. */
import type { CheckedApp } from './checked-app';
import { permissionsOf } from './permissions';
import { identityStatements, resourcePolicyStatements } from './policy-statements';
import type { Finding, Rule } from './rule';

const BOGUS = 'lambda:invokewithresponsestream';
const MESSAGE =
  'lambda:InvokeWithResponseStream is the name of an API operation, not of an IAM action, so this statement allows nothing; ' +
  'the operation is allowed by lambda:InvokeFunction';

export const bogusAction: Rule = {
  id: 'BogusAction',
  *find(app: CheckedApp): Iterable<Finding> {
    for (const { at, actions } of [...identityStatements(app), ...resourcePolicyStatements(app)]) {
      if (actions.some((action) => action.toLowerCase() === BOGUS)) yield { at, message: MESSAGE };
    }
    for (const { at, action } of permissionsOf(app)) {
      if (action.toLowerCase() === BOGUS) yield { at, message: MESSAGE };
    }
  },
};

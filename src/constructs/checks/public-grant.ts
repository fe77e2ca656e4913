/** Everyone in the world may invoke the function. */
import type { CheckedApp } from './checked-app';
import { permissionsOf } from './permissions';
import { resourcePolicyStatements } from './policy-statements';
import { type Json, member } from './rendered-resource';
import type { Finding, Rule } from './rule';

const MESSAGE =
  'anyone with an AWS account may invoke this function, at your cost; name a principal, or limit it to your organization (organizationId)';

export const publicGrant: Rule = {
  id: 'PublicGrant',
  *find(app: CheckedApp): Iterable<Finding> {
    for (const { at, resource, principal } of permissionsOf(app)) {
      const { PrincipalOrgID, FunctionUrlAuthType, InvokedViaFunctionUrl } = resource.properties;
      const ofPublicUrl = FunctionUrlAuthType === 'NONE' || InvokedViaFunctionUrl === true; // PublicUrl speaks about these
      if (principal === '*' && PrincipalOrgID === undefined && !ofPublicUrl) yield { at, message: MESSAGE };
    }
    for (const { at, statement } of resourcePolicyStatements(app)) {
      const { Effect, Principal, Condition } = statement;
      if (Effect === 'Allow' && isEveryone(Principal) && Condition === undefined) yield { at, message: MESSAGE };
    }
  },
};

function isEveryone(principal: Json | undefined): boolean {
  return principal === '*' || member(principal, 'AWS') === '*';
}

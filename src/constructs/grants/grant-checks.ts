/** Finds grants that would fail at the deployment, or let in other callers than were meant, and says so at once. */
import { Stack, Token } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { referencesIn } from '../facts/stable-text';
import { StreamingConstructError } from '../problems/construct-error';
import { relate } from './environment';
import type { GrantedFunction } from './granted-function';
import type { Grantee } from './grantee';
import type { Conditions } from './resource-statement';

/** What an owned role in another stack has to know of the function, and the function of the role. */
export function checkAcrossStacks(granted: GrantedFunction, grantee: Grantee): void {
  const { carrier, isOwned } = grantee;
  if (!isOwned || !carrier) return;
  const roleStack = Stack.of(carrier);
  if (roleStack === granted.stack || referencesIn(granted.arn).length === 0) return;
  checkEnvironments(granted, carrier, roleStack);
  const isOtherAccount = relate(granted.stack, granted.account, grantee.account) === 'different';
  const isOtherRegion = relate(granted.stack, granted.region, roleStack.region) === 'different';
  // Roles belong to no region: within the account the function needs no statement that names one.
  if (isOtherAccount) checkName(granted, carrier, granted.stack, grantee.statement.value, 'roleName');
  if (isOtherAccount || isOtherRegion) checkName(granted, granted.scope, roleStack, granted.arn, 'functionName');
}

/**
 * Across stacks ARNs are made of the account and region of the stack they come from. Where one of the stacks does not
 * say its own, they would come out with those of the other, and the grant would be on another function.
 */
function checkEnvironments(granted: GrantedFunction, role: Construct, roleStack: Stack): void {
  const account = relate(granted.stack, granted.account, roleStack.account);
  const region = relate(granted.stack, granted.region, roleStack.region);
  if (account !== 'unknown' && region !== 'unknown') return;
  throw new StreamingConstructError(
    granted.scope,
    'UnknownEnvironment',
    `cannot tell whether ${role.node.path} is in the account and region of this function, ` +
      `because only one of the stacks ${granted.stack.node.path} and ${roleStack.node.path} says its own; ` +
      'give both an env with account and region',
  );
}

/** Another account knows a resource by its name only; aws-cdk-lib finds a missing one when the reference is resolved. */
function checkName(granted: GrantedFunction, named: Construct, user: Stack, arn: string, property: string): void {
  const problem = nameProblem(user, arn);
  if (problem === undefined) return;
  throw new StreamingConstructError(
    granted.scope,
    'PhysicalNameMissing',
    `${named.node.path} is named in a policy of another account or region, so its name has to be known before the deployment; ` +
      `give it a ${property} of your own or PhysicalName.GENERATE_IF_NEEDED, and a function that calls others a role that has one (${problem})`,
  );
}

/** Why the name in `arn` is not known; within nested stacks aws-cdk-lib makes up names with unresolved tokens in them. */
function nameProblem(user: Stack, arn: string): string | undefined {
  try {
    const text = JSON.stringify(user.resolve(arn));
    return /\$\{token\[/i.test(text) ? 'aws-cdk-lib cannot generate a name within a nested stack' : undefined;
  } catch (cause) {
    return (cause as Error).message;
  }
}

/** What Lambda would refuse as "The provided principal was invalid". */
export function checkNameable(granted: GrantedFunction, grantee: Grantee): void {
  const { kind, value } = grantee.statement;
  if (kind !== 'aws' || Token.isUnresolved(value)) {
    if (grantee.carrier && 'groupArn' in grantee.carrier) throw groupRefused(granted, grantee);
    return;
  }
  if (/^arn:[^:]+:iam::\d{12}:group\//.test(value)) throw groupRefused(granted, grantee);
  if (/^\d{12}$/.test(value)) return;
  if (!value.startsWith('arn:')) {
    throw new StreamingConstructError(
      granted.scope,
      'PrincipalFormat',
      `an AWS principal is an account id of 12 digits or the ARN of a role or user, got '${value}'`,
    );
  }
  if (value.includes('*')) {
    throw new StreamingConstructError(
      granted.scope,
      'PrincipalWildcard',
      `a principal cannot hold wildcards, got '${value}'; grant to new iam.AccountPrincipal('<account>')` +
        `.withConditions({ ArnLike: { 'aws:PrincipalArn': '${value}' } }), with useResourcePolicy()`,
    );
  }
}

function groupRefused(granted: GrantedFunction, grantee: Grantee): Error {
  return new StreamingConstructError(
    granted.scope,
    'GroupNotPrincipal',
    `${String(grantee.principal)} is a group, and a resource-based policy cannot name groups; grant to a role that its members assume, or to their account`,
  );
}

/** Keys whose value makes `*` less than everyone, if they are compared with one. */
const NARROWING_KEYS = [
  'aws:principalaccount',
  'aws:principalarn',
  'aws:principalorgid',
  'aws:principalorgpaths',
  'aws:sourceaccount',
  'aws:sourcearn',
  'aws:sourceip',
  'aws:sourceorgid',
  'aws:sourceorgpaths',
  'aws:sourcevpc',
  'aws:sourcevpce',
];

/** Without ForAllValues, which also holds where the key is absent; without Not…; without …IfExists. */
const NARROWING_OPERATOR = /^(ForAnyValue:)?(String|Arn)(Equals|Like|EqualsIgnoreCase)$|^IpAddress$/i;

/** `aws:SecureTransport` and its like leave `*` public. */
export function narrowsEveryone(conditions: Conditions): boolean {
  return Object.entries(conditions).some(
    ([operator, keys]) =>
      NARROWING_OPERATOR.test(operator) &&
      Object.entries(keys).some(
        ([key, value]) => NARROWING_KEYS.includes(key.toLowerCase()) && ![value].flat().includes('*'),
      ),
  );
}

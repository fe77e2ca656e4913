/**
 * Finds function URLs whose policy holds one half of what it takes to call them: since November 2026 a caller needs
 * `lambda:InvokeFunction` beside `lambda:InvokeFunctionUrl`, and apps written before grant the latter only.
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
 */

import { systemClock } from '../clock';
import { type Authorize, createAuthorize, type Organization } from '../iam/authorize';
import { statementsOf } from '../iam/statement';
import { matchesWildcardIgnoringCase } from '../iam/wildcards';
import type { FunctionUrlState, LocalState, PolicyDocument, PolicyStatement } from '../state';
import { type DeployedStack, withNestedStacks } from './deployed-stack';

const URL_ACTION = 'lambda:InvokeFunctionUrl';
const FUNCTION_ACTION = 'lambda:InvokeFunction';

/** Why the URL of the function or alias `arn` will refuse its callers; undefined when its policy is whole. */
function urlPolicyProblem(
  state: LocalState,
  organization: Organization | undefined,
  arn: string,
  urlAddress: unknown,
): string | undefined {
  const fn = state.functions.get(arn.split(':').slice(0, 7).join(':'));
  const url = fn?.urls.find(({ url: address }) => address === urlAddress);
  if (fn === undefined || url === undefined) return undefined;
  const policy = fn.resourcePolicies.get(arn);
  const missing =
    url.authType === 'NONE'
      ? missingForAnybody(createAuthorize(state, systemClock, organization), arn, url)
      : missingHalf(policy);
  if (missing.length === 0) return undefined;
  const whom = url.authType === 'NONE' ? 'everybody' : 'whomever its policy alone lets in';
  const are = missing.length === 1 ? 'is' : 'are';
  return (
    `this URL will refuse ${whom}: ${missing.join(' and ')} ${are} missing in the policy of ${arn}; ` +
    'add an AWS::Lambda::Permission for each missing action'
  );
}

/** What a caller without credentials lacks: for those nothing but the policy counts. */
function missingForAnybody(authorize: Authorize, resource: string, { authType }: FunctionUrlState): string[] {
  const asked = [
    { action: URL_ACTION, context: { 'lambda:FunctionUrlAuthType': authType } },
    { action: FUNCTION_ACTION, context: { 'lambda:InvokedViaFunctionUrl': 'true' } },
  ];
  const principal = { kind: 'anonymous' } as const;
  return asked.filter((each) => !authorize({ principal, resource, ...each }).allowed).map(({ action }) => action);
}

/** Callers of the own account may have both from their own policies, so that a URL without any policy is whole. */
function missingHalf(policy: PolicyDocument | undefined): string[] {
  const statements = policy === undefined ? [] : statementsOf(policy);
  const has = (action: string) => statements.some((statement) => allows(statement, action));
  // The other way round is no mistake: whoever may invoke the function need not reach it by its URL.
  return has(URL_ACTION) && !has(FUNCTION_ACTION) ? [FUNCTION_ACTION] : [];
}

function allows({ Effect, Action, NotAction }: PolicyStatement, action: string): boolean {
  const names = (patterns: string | readonly string[]) =>
    [patterns].flat().some((pattern) => matchesWildcardIgnoringCase(pattern, action));
  if (Effect !== 'Allow') return false;
  return Action !== undefined ? names(Action) : NotAction !== undefined && !names(NotAction);
}

/** Tells of function URLs of a stack that their policies keep from whom they are for. */
export function warnOfUrls(
  { organization, state }: { readonly state: LocalState; readonly organization?: Organization | undefined },
  stack: DeployedStack,
  warn: (message: string) => void,
): void {
  for (const { stackName, resources } of withNestedStacks(stack)) {
    for (const [logicalId, { type, physicalId, attributes }] of resources) {
      if (type !== 'AWS::Lambda::Url') continue;
      const problem = urlPolicyProblem(state, organization, physicalId, attributes['FunctionUrl']);
      if (problem !== undefined) warn(`${stackName}/${logicalId}: ${problem}`);
    }
  }
}

import * as iam from 'aws-cdk-lib/aws-iam';
import type { App } from 'aws-cdk-lib/core';
import { StreamCallerGrants } from 'cdk-lambda-streaming';
import type { LocalTarget } from 'cdk-lambda-streaming/local';
import {
  ALIAS_ARN,
  CALLER,
  dryRun,
  FUNCTION_ARN,
  OWNER,
  onLocal,
  role,
  roleArn,
  streamingFunction,
  twoStacks,
} from './local-two-accounts';

/** Who is granted how, in one app; the tests below ask who is let in. */
function everyKindOfGrant(app: App): void {
  const { owner, caller } = twoStacks(app);
  const fn = streamingFunction(owner);
  const { streamGrants } = fn;

  streamGrants.invoke(role(owner, 'Mutable'));
  streamGrants.invoke(role(owner, 'Immutable').withoutPolicyUpdates());
  streamGrants.invoke(role(owner, 'FromFunction'), { preferResourcePolicy: true });
  const policy = new iam.ManagedPolicy(owner, 'Policy');
  streamGrants.invoke(policy);
  role(owner, 'ByPolicy').addManagedPolicy(policy);
  role(owner, 'Neighbour');
  fn.addStreamUrl();
  streamGrants.invokeUrl(role(owner, 'UrlOnly'));

  streamGrants.invoke(role(caller, 'BothHalves'));
  const partners = fn.addStreamAlias('partners');
  partners.streamGrants.invoke(new iam.AccountPrincipal(CALLER.account));
  StreamCallerGrants.fromFunction(partners).invoke(role(caller, 'Partner'));

  const conditional = fn.addStreamAlias('conditional');
  conditional.streamGrants.useResourcePolicy();
  const chatRoles = { ArnLike: { 'aws:PrincipalArn': roleArn(CALLER.account, 'Chat*') } };
  conditional.streamGrants.invoke(new iam.AccountPrincipal(CALLER.account).withConditions(chatRoles));
  for (const id of ['ChatBot', 'Gossip']) StreamCallerGrants.fromFunction(conditional).invoke(role(caller, id));
}

const [owner, caller] = [OWNER.account, CALLER.account];
const MATRIX: [account: string, name: string, arn: string, allowed: boolean, why: string][] = [
  [owner, 'Mutable', ALIAS_ARN, true, 'its own policy allows the alias'],
  [owner, 'Mutable', FUNCTION_ARN, false, 'the alias is not the function'],
  [owner, 'Immutable', ALIAS_ARN, true, 'the function’s policy is enough in one account'],
  [owner, 'Immutable', FUNCTION_ARN, false, 'the alias is not the function'],
  [owner, 'FromFunction', ALIAS_ARN, true, 'the function’s policy was asked for'],
  [owner, 'ByPolicy', ALIAS_ARN, true, 'its managed policy allows the alias'],
  [owner, 'UrlOnly', ALIAS_ARN, false, 'it may come through the function URL only'],
  [owner, 'Neighbour', ALIAS_ARN, false, 'it was granted nothing'],
  [caller, 'BothHalves', ALIAS_ARN, true, 'both sides allow it'],
  [caller, 'BothHalves', `${FUNCTION_ARN}:partners`, false, 'its own half is on another alias'],
  [caller, 'Partner', `${FUNCTION_ARN}:partners`, true, 'its account is let in, and its own policy allows it'],
  [caller, 'Partner', ALIAS_ARN, false, 'only the other alias lets its account in'],
  [caller, 'ChatBot', `${FUNCTION_ARN}:conditional`, true, 'it meets the condition of the resource policy'],
  [caller, 'Gossip', `${FUNCTION_ARN}:conditional`, false, 'it does not meet the condition'],
];

describe('who is let in', () => {
  test('is who was granted, and nobody else, whichever way the grant was written', async () => {
    await onLocal(everyKindOfGrant, async (local: LocalTarget) => {
      const decisions = [];
      for (const [account, name, arn, , why] of MATRIX) {
        decisions.push([account, name, arn, (await dryRun(local, roleArn(account, name), arn)) === 204, why]);
      }
      expect(decisions).toEqual(MATRIX);
    });
  });
});

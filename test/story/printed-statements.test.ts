import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { App, type Stack } from 'aws-cdk-lib/core';
import { StreamingCallerRole, StreamingFunctionReference } from 'cdk-lambda-streaming';
import {
  ALIAS_ARN,
  CALLER,
  dryRun,
  FUNCTION_ARN,
  onLocal,
  role,
  roleArn,
  streamingFunction,
  twoStacks,
} from './local-two-accounts';

const CALLER_ROLE = roleArn(CALLER.account, 'Caller');

interface Printed {
  readonly Action: string;
  readonly Resource: string;
  readonly Principal?: { readonly AWS: string };
}

/** The statement an app prints for the side it cannot write: synthesized alone, as its team would. */
function printed(rule: string, define: (stacks: ReturnType<typeof twoStacks>) => Stack): Printed {
  const stack = define(twoStacks(new App()));
  const annotations = Annotations.fromStack(stack);
  const all = [...annotations.findWarning('*', Match.anyValue()), ...annotations.findInfo('*', Match.anyValue())];
  const texts = all.map(({ entry }) => String(entry.data)).filter((text) => text.includes(`:${rule}]`));
  const [, json = ''] = /:\n(.*?) \[ack/s.exec(texts[0] ?? '') ?? [];
  return JSON.parse(json) as Printed;
}

/** The function's team: it knows the caller by its ARN only. */
function ownerGrants(owner: Stack): Stack {
  streamingFunction(owner).streamGrants.invoke(iam.Role.fromRoleArn(owner, 'Known', CALLER_ROLE));
  return owner;
}

/** The caller's team: it knows the function by its ARN only. */
function callerGrants(caller: Stack): Stack {
  const chat = StreamingFunctionReference.fromArn(caller, 'Known', ALIAS_ARN);
  new StreamingCallerRole(caller, 'Role', {
    assumedBy: new iam.AccountRootPrincipal(),
    roleName: 'Caller',
    streamsFrom: [chat],
  });
  return caller;
}

describe('two teams with an app each', () => {
  test('the owner’s app prints what the caller’s policy needs, and with it the caller streams', async () => {
    const statement = printed('IdentityHalfMissing', ({ owner }) => ownerGrants(owner));
    const apps = (withStatement: boolean) => (app: App) => {
      const { owner, caller } = twoStacks(app);
      owner.addDependency(caller);
      const callerRole = role(caller, 'Caller');
      if (withStatement) callerRole.addToPolicy(iam.PolicyStatement.fromJson(statement));
      ownerGrants(owner);
    };
    await onLocal(apps(false), async (local, deployAgain) => {
      expect(await dryRun(local, CALLER_ROLE, ALIAS_ARN)).toContain('no identity-based policy allows');
      await deployAgain(apps(true));
      expect(await dryRun(local, CALLER_ROLE, ALIAS_ARN)).toBe(204);
      expect(await dryRun(local, CALLER_ROLE, FUNCTION_ARN)).toContain('not authorized');
    });
  });

  test('the caller’s app prints what the function’s policy needs, and with it the caller streams', async () => {
    const statement = printed('ResourceHalfElsewhere', ({ caller }) => callerGrants(caller));
    const apps = (withStatement: boolean) => (app: App) => {
      const { owner, caller } = twoStacks(app);
      owner.addDependency(caller);
      callerGrants(caller);
      const fn = streamingFunction(owner);
      expect(statement.Resource).toBe(ALIAS_ARN);
      if (!withStatement) return;
      new lambda.CfnPermission(owner, 'Pasted', {
        action: statement.Action,
        functionName: fn.liveAlias.functionArn,
        principal: statement.Principal?.AWS ?? '',
      });
    };
    await onLocal(apps(false), async (local, deployAgain) => {
      expect(await dryRun(local, CALLER_ROLE, ALIAS_ARN)).toContain('no resource-based policy allows');
      await deployAgain(apps(true));
      expect(await dryRun(local, CALLER_ROLE, ALIAS_ARN)).toBe(204);
    });
  });
});

describe('one app for both accounts', () => {
  test('writes both halves, in the order that Lambda asks for', async () => {
    await onLocal(
      (app) => {
        const { owner, caller } = twoStacks(app);
        const callerRole = new StreamingCallerRole(caller, 'Role', {
          assumedBy: new iam.AccountRootPrincipal(),
          roleName: 'Caller',
        });
        streamingFunction(owner).streamGrants.invoke(callerRole);
      },
      async (local) => {
        expect(await dryRun(local, CALLER_ROLE, ALIAS_ARN)).toBe(204);
      },
    );
  });
});

import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { App } from 'aws-cdk-lib/core';
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
  streamText,
  twoStacks,
} from './local-two-accounts';

const CALLER_ROLE = roleArn(CALLER.account, 'Caller');
const STRANGER_ROLE = roleArn(CALLER.account, 'Stranger');

function refusal(name: string, resource: string, reason: string, account = CALLER.account): string {
  const who = `arn:aws:sts::${account}:assumed-role/${name}/local`;
  return `User: ${who} is not authorized to perform: lambda:InvokeFunction on resource: ${resource} ${reason}`;
}

const NO_IDENTITY = 'because no identity-based policy allows the lambda:InvokeFunction action';
const NO_RESOURCE = 'because no resource-based policy allows the lambda:InvokeFunction action';

/** Both roles; only `Caller` is granted. */
function grantedApp(app: App): void {
  const { owner, caller } = twoStacks(app);
  role(caller, 'Stranger');
  streamingFunction(owner).streamGrants.invoke(role(caller, 'Caller'));
}

describe('a role of another account that was granted the live alias', () => {
  test('streams, while another role of that account is refused with the reason', async () => {
    await onLocal(grantedApp, async (local) => {
      expect(await streamText(local, CALLER_ROLE, ALIAS_ARN)).toBe('hello {"a":1}');
      expect(await streamText(local, STRANGER_ROLE, ALIAS_ARN)).toBe(refusal('Stranger', ALIAS_ARN, NO_IDENTITY));
    });
  });

  test('may use the alias only: not the function, not its version, not $LATEST', async () => {
    await onLocal(grantedApp, async (local) => {
      expect(await dryRun(local, CALLER_ROLE, ALIAS_ARN)).toBe(204);
      for (const arn of [FUNCTION_ARN, `${FUNCTION_ARN}:1`, `${FUNCTION_ARN}:$LATEST`]) {
        expect(await dryRun(local, CALLER_ROLE, arn)).toBe(refusal('Caller', arn, NO_IDENTITY));
      }
    });
  });

  test('is refused when the identity half is removed, and again when only the resource half is', async () => {
    const half = (keep: 'identity' | 'resource') => (app: App) => {
      const { owner, caller } = twoStacks(app);
      owner.addDependency(caller);
      const callerRole = role(caller, 'Caller');
      const fn = streamingFunction(owner);
      if (keep === 'identity') {
        callerRole.addToPolicy(new iam.PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [ALIAS_ARN] }));
      } else {
        new lambda.CfnPermission(owner, 'Half', {
          action: 'lambda:InvokeFunction',
          functionName: fn.liveAlias.functionArn,
          principal: CALLER_ROLE,
        });
      }
    };
    await onLocal(grantedApp, async (local, deployAgain) => {
      expect(await dryRun(local, CALLER_ROLE, ALIAS_ARN)).toBe(204);
      await deployAgain(half('resource'));
      expect(await dryRun(local, CALLER_ROLE, ALIAS_ARN)).toBe(refusal('Caller', ALIAS_ARN, NO_IDENTITY));
      await deployAgain(half('identity'));
      expect(await dryRun(local, CALLER_ROLE, ALIAS_ARN)).toBe(refusal('Caller', ALIAS_ARN, NO_RESOURCE));
    });
  });
});

describe('a grant on the unqualified function', () => {
  test('does not allow the alias', async () => {
    const define = (app: App) => {
      const { owner, caller } = twoStacks(app);
      owner.addDependency(caller);
      role(caller, 'Caller').addToPolicy(
        new iam.PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [FUNCTION_ARN, `${FUNCTION_ARN}:*`] }),
      );
      const fn = streamingFunction(owner);
      new lambda.CfnPermission(owner, 'Unqualified', {
        action: 'lambda:InvokeFunction',
        functionName: fn.functionArn,
        principal: CALLER_ROLE,
      });
    };
    await onLocal(define, async (local) => {
      expect(await dryRun(local, CALLER_ROLE, FUNCTION_ARN)).toBe(204);
      expect(await dryRun(local, CALLER_ROLE, ALIAS_ARN)).toBe(refusal('Caller', ALIAS_ARN, NO_RESOURCE));
    });
  });
});

describe('a whole account that was granted the alias', () => {
  test('delegates: its roles need the identity half', async () => {
    const define = (app: App) => {
      const { owner, caller } = twoStacks(app);
      const entitled = new iam.PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [ALIAS_ARN] });
      role(caller, 'Caller').addToPolicy(entitled);
      role(caller, 'Stranger');
      streamingFunction(owner).streamGrants.invoke(new iam.AccountPrincipal(CALLER.account));
    };
    await onLocal(define, async (local) => {
      expect(await dryRun(local, CALLER_ROLE, ALIAS_ARN)).toBe(204);
      expect(await dryRun(local, STRANGER_ROLE, ALIAS_ARN)).toBe(refusal('Stranger', ALIAS_ARN, NO_IDENTITY));
      expect(await dryRun(local, `arn:aws:iam::${CALLER.account}:root`, ALIAS_ARN)).toBe(204);
      expect(await dryRun(local, 'arn:aws:iam::333333333333:user/admin', ALIAS_ARN)).toContain(NO_RESOURCE);
    });
  });
});

describe('a role of the function account', () => {
  const SAME = roleArn(OWNER.account, 'Same');
  const decision = async (local: LocalTarget) => [
    await dryRun(local, SAME, ALIAS_ARN),
    await dryRun(local, SAME, FUNCTION_ARN),
  ];

  test('needs the identity half only', async () => {
    const define = (app: App) => {
      const { owner } = twoStacks(app);
      streamingFunction(owner).streamGrants.invoke(role(owner, 'Same'));
    };
    await onLocal(define, async (local) => {
      expect(await decision(local)).toEqual([204, refusal('Same', FUNCTION_ARN, NO_IDENTITY, OWNER.account)]);
    });
  });

  test('is let in by a permission that names it, and not by one that names its account', async () => {
    const define = (principal: string) => (app: App) => {
      const { owner } = twoStacks(app);
      const same = role(owner, 'Same');
      const permission = new lambda.CfnPermission(owner, 'Resource', {
        action: 'lambda:InvokeFunction',
        functionName: streamingFunction(owner).liveAlias.functionArn,
        principal,
      });
      permission.node.addDependency(same);
    };
    await onLocal(define(SAME), async (local, deployAgain) => {
      expect(await dryRun(local, SAME, ALIAS_ARN)).toBe(204);
      await deployAgain(define(OWNER.account));
      expect(await dryRun(local, SAME, ALIAS_ARN)).toBe(refusal('Same', ALIAS_ARN, NO_IDENTITY, OWNER.account));
    });
  });

  test('is refused by an explicit deny whatever else allows it', async () => {
    const define = (app: App) => {
      const { owner } = twoStacks(app);
      const same = role(owner, 'Same');
      streamingFunction(owner).streamGrants.invoke(same);
      same.addToPolicy(
        new iam.PolicyStatement({ effect: iam.Effect.DENY, actions: ['lambda:Invoke*'], resources: ['*'] }),
      );
    };
    await onLocal(define, async (local) => {
      const reason = 'with an explicit deny in an identity-based policy';
      expect(await dryRun(local, SAME, ALIAS_ARN)).toBe(refusal('Same', ALIAS_ARN, reason, OWNER.account));
    });
  });
});

describe('a role that the app only imports', () => {
  test('of another account gets the resource half; the identity half is that account to give', async () => {
    const define = (givesIdentityHalf: boolean) => (app: App) => {
      const { owner, caller } = twoStacks(app);
      owner.addDependency(caller);
      const callerRole = role(caller, 'Caller');
      const entitled = new iam.PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [ALIAS_ARN] });
      if (givesIdentityHalf) callerRole.addToPolicy(entitled);
      streamingFunction(owner).streamGrants.invoke(iam.Role.fromRoleArn(owner, 'Imported', CALLER_ROLE));
    };
    await onLocal(define(false), async (local, deployAgain) => {
      expect(await dryRun(local, CALLER_ROLE, ALIAS_ARN)).toBe(refusal('Caller', ALIAS_ARN, NO_IDENTITY));
      await deployAgain(define(true));
      expect(await dryRun(local, CALLER_ROLE, ALIAS_ARN)).toBe(204);
    });
  });

  test('of the same account and may not be changed gets in by the resource half alone', async () => {
    const define = (app: App) => {
      const { owner } = twoStacks(app);
      const same = role(owner, 'Same');
      streamingFunction(owner).streamGrants.invoke(same.withoutPolicyUpdates());
    };
    await onLocal(define, async (local) => {
      const same = roleArn(OWNER.account, 'Same');
      expect(await dryRun(local, same, ALIAS_ARN)).toBe(204);
      expect(await dryRun(local, same, FUNCTION_ARN)).toBe(refusal('Same', FUNCTION_ARN, NO_IDENTITY, OWNER.account));
    });
  });
});

describe('organizations', () => {
  const organization = { id: 'o-exampleorgid', paths: { [CALLER.account]: 'o-exampleorgid/r-root/ou-root-sales/' } };
  const entitledCaller = (app: App) => {
    const { owner, caller } = twoStacks(app);
    role(caller, 'Caller').addToPolicy(
      new iam.PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [ALIAS_ARN] }),
    );
    return streamingFunction(owner);
  };

  test('lets in the accounts of an organization, and no others', async () => {
    const define = (app: App) => {
      entitledCaller(app).streamGrants.invoke(new iam.OrganizationPrincipal('o-exampleorgid'));
    };
    await onLocal(define, async (local) => expect(await dryRun(local, CALLER_ROLE, ALIAS_ARN)).toBe(204), {
      organization,
    });
    await onLocal(define, async (local) => {
      expect(await dryRun(local, CALLER_ROLE, ALIAS_ARN)).toBe(refusal('Caller', ALIAS_ARN, NO_RESOURCE));
    });
  });

  test('lets in the accounts under a path of an organization, and no others', async () => {
    const define = (path: string) => (app: App) => {
      const { streamGrants } = entitledCaller(app);
      streamGrants.useResourcePolicy();
      streamGrants.invokeFromOrganizationPaths(path);
    };
    const expectations = [
      ['o-exampleorgid/r-root/ou-root-sales/*', 204],
      ['o-exampleorgid/r-root/ou-root-legal/*', refusal('Caller', ALIAS_ARN, NO_RESOURCE)],
    ] as const;
    for (const [path, expected] of expectations) {
      await onLocal(define(path), async (local) => expect(await dryRun(local, CALLER_ROLE, ALIAS_ARN)).toBe(expected), {
        organization,
      });
    }
  });
});

import * as iam from 'aws-cdk-lib/aws-iam';
import type { App } from 'aws-cdk-lib/core';
import { streamContract } from 'cdk-lambda-streaming/contract';
import { type DenialReason, streamInvoker } from 'cdk-lambda-streaming/invoker';
import type { ClientConfigOptions, LocalTarget, PolicyDocument, StartLocalOptions } from 'cdk-lambda-streaming/local';
import { ALIAS_ARN, CALLER, onLocal, role, roleArn, streamingFunction, twoStacks } from './local-two-accounts';

const greeting = streamContract({ format: 'text' });
const AS = { as: roleArn(CALLER.account, 'Caller') };

const only = (...Action: string[]): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
});

/** Both halves are granted; `change` takes something away or forbids it. */
function granted(change: (role: iam.Role) => void = () => undefined) {
  return (app: App) => {
    const { owner, caller } = twoStacks(app);
    const callerRole = role(caller, 'Caller');
    streamingFunction(owner).streamGrants.invoke(callerRole);
    change(callerRole);
  };
}

function withoutResourceHalf(app: App): void {
  const { owner, caller } = twoStacks(app);
  role(caller, 'Caller').addToPolicy(
    new iam.PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [ALIAS_ARN] }),
  );
  streamingFunction(owner);
}

function withoutIdentityHalf(app: App): void {
  const { owner, caller } = twoStacks(app);
  role(caller, 'Caller');
  streamingFunction(owner).streamGrants.invoke(new iam.AccountPrincipal(CALLER.account));
}

/** The reason the typed invoker reads from the refusal, or `allowed`. */
async function reasonOf(local: LocalTarget, as: ClientConfigOptions = AS): Promise<string> {
  const invoker = streamInvoker(greeting, { functionName: ALIAS_ARN, clientConfig: local.clientConfig(as) });
  const result = await invoker.dryRun();
  return result.allowed ? 'allowed' : result.reason;
}

describe('the typed invoker reads why the local target refuses', () => {
  const boundary = (caller: iam.Role) =>
    iam.PermissionsBoundary.of(caller).apply(
      new iam.ManagedPolicy(caller.stack, 'Boundary', {
        statements: [new iam.PolicyStatement({ actions: ['s3:*'], resources: ['*'] })],
      }),
    );
  const deny = (caller: iam.Role) =>
    caller.addToPolicy(new iam.PolicyStatement({ effect: iam.Effect.DENY, actions: ['lambda:*'], resources: ['*'] }));
  const organization = {
    id: 'o-exampleorgid',
    paths: {},
    serviceControlPolicies: { [CALLER.account]: [only('*'), only('s3:*', 'sts:*')] },
  };

  test.each<[DenialReason | 'allowed', (app: App) => void, ClientConfigOptions, StartLocalOptions]>([
    ['allowed', granted(), AS, {}],
    ['implicit-identity', withoutIdentityHalf, AS, {}],
    ['implicit-resource', withoutResourceHalf, AS, {}],
    ['explicit-deny', granted(deny), AS, {}],
    ['permissions-boundary', granted(boundary), AS, {}],
    ['session-policy', granted(), { ...AS, sessionPolicy: only('s3:*') }, {}],
    ['allowed', granted(), { ...AS, sessionPolicy: only('lambda:*') }, {}],
    ['scp', granted(), AS, { organization }],
  ])('%s', async (reason, define, as, options) => {
    await onLocal(define, async (local) => expect(await reasonOf(local, as)).toBe(reason), options);
  });

  test('and knows sessions of one role apart by their policies', async () => {
    await onLocal(granted(), async (local) => {
      expect(await reasonOf(local, { ...AS, sessionPolicy: only('s3:*') })).toBe('session-policy');
      expect(await reasonOf(local, { ...AS, sessionPolicy: only('lambda:*') })).toBe('allowed');
      expect(await reasonOf(local)).toBe('allowed');
      const named = { ...AS, sessionName: 'one' };
      const narrow = local.clientConfig({ ...named, sessionPolicy: only('s3:*') });
      const wide = local.clientConfig(named);
      expect(narrow.credentials.accessKeyId).not.toBe(wide.credentials.accessKeyId);
      expect(await reasonOf(local, { ...named, sessionPolicy: only('s3:*') })).toBe('session-policy');
      expect(await reasonOf(local, named)).toBe('allowed');
      const malformed = { Statement: [] } as PolicyDocument;
      expect(() => local.clientConfig({ ...AS, sessionPolicy: malformed })).toThrow(
        'sessionPolicy must have a Statement',
      );
    });
  });
});

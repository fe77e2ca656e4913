import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { type App, CfnOutput, type Stack } from 'aws-cdk-lib/core';
import type { StreamingFunctionUrlOptions } from 'cdk-lambda-streaming';
import { streamContract } from 'cdk-lambda-streaming/contract';
import { isStreamError, type Sign, streamFetcher } from 'cdk-lambda-streaming/fetcher';
import type { LocalTarget } from 'cdk-lambda-streaming/local';
import {
  ALIAS_ARN,
  CALLER,
  dryRun,
  OWNER,
  onLocal,
  role,
  roleArn,
  streamingFunction,
  twoStacks,
} from './local-two-accounts';

const greeting = streamContract({ format: 'text' });
const HANDLER = `exports.handler = awslambda.streamifyResponse(async (event, stream) => {
  stream.write('hello ');
  stream.end(event.requestContext.authorizer?.iam?.userArn ?? 'stranger');
});`;

/** A function of the owner's with a URL. */
function functionWithUrl(owner: Stack, options: StreamingFunctionUrlOptions = {}) {
  const fn = streamingFunction(owner, HANDLER);
  const url = fn.addStreamUrl(options);
  new CfnOutput(owner, 'Url', { value: url.url });
  return fn;
}

/** What a caller of the URL gets: the text, or the HTTP status. */
async function fetchAs(local: LocalTarget, as?: string): Promise<string | number> {
  const sign: Sign = as
    ? { credentials: local.clientConfig({ as }).credentials, region: OWNER.region, service: 'lambda' }
    : 'none';
  const fetcher = streamFetcher(greeting, { url: local.outputs('Owner')['Url'] ?? '', sign });
  try {
    let text = '';
    for await (const chunk of await fetcher.invoke({})) text += chunk;
    return text;
  } catch (error) {
    if (isStreamError(error) && error.code === 'ACCESS_DENIED') return 403;
    throw error;
  }
}

const SAME = roleArn(OWNER.account, 'Same');
const OTHER = roleArn(CALLER.account, 'Caller');

describe('a function URL with IAM', () => {
  test('streams to a granted role of the account, who may not call the function directly', async () => {
    const define = (app: App) => {
      const { owner } = twoStacks(app);
      role(owner, 'Ungranted');
      functionWithUrl(owner).streamGrants.invokeUrl(role(owner, 'Same'));
    };
    await onLocal(define, async (local) => {
      expect(await fetchAs(local, SAME)).toBe(`hello arn:aws:sts::${OWNER.account}:assumed-role/Same/local`);
      expect(await dryRun(local, SAME, ALIAS_ARN)).toContain('because no identity-based policy allows');
      expect(await fetchAs(local, roleArn(OWNER.account, 'Ungranted'))).toBe(403);
      expect(await fetchAs(local)).toBe(403);
    });
  });

  test('streams to a granted role of another account, and asks for both actions in both halves', async () => {
    const granted = (app: App) => {
      const { owner, caller } = twoStacks(app);
      functionWithUrl(owner).streamGrants.invokeUrl(role(caller, 'Caller'));
    };
    const withoutInvokeFunction = (app: App) => {
      const { owner, caller } = twoStacks(app);
      owner.addDependency(caller);
      role(caller, 'Caller').addToPolicy(
        new iam.PolicyStatement({ actions: ['lambda:InvokeFunctionUrl', 'lambda:InvokeFunction'], resources: ['*'] }),
      );
      new lambda.CfnPermission(owner, 'UrlOnly', {
        action: 'lambda:InvokeFunctionUrl',
        functionUrlAuthType: 'AWS_IAM',
        functionName: functionWithUrl(owner).liveAlias.functionArn,
        principal: OTHER,
      });
    };
    await onLocal(granted, async (local, deployAgain) => {
      expect(await fetchAs(local, OTHER)).toBe(`hello arn:aws:sts::${CALLER.account}:assumed-role/Caller/local`);
      await deployAgain(withoutInvokeFunction);
      expect(await fetchAs(local, OTHER)).toBe(403);
    });
  });
});

describe('a public function URL', () => {
  test('streams to anybody', async () => {
    const define = (app: App) => {
      const { owner } = twoStacks(app);
      functionWithUrl(owner, { authType: lambda.FunctionUrlAuthType.NONE, allowPublic: true });
    };
    await onLocal(define, async (local) => expect(await fetchAs(local)).toBe('hello stranger'));
  });
});

import * as iam from 'aws-cdk-lib/aws-iam';
import { FunctionUrlAuthType } from 'aws-cdk-lib/aws-lambda';
import { StreamGrants } from 'cdk-lambda-streaming';
import { A, B, LIVE, messages, permissions, role, statementsOf, streamingFunction, twoAccounts } from '../two-accounts';

const IAM = { authType: FunctionUrlAuthType.AWS_IAM };
const PUBLIC = { authType: FunctionUrlAuthType.NONE, allowPublic: true };

describe('invokeUrl', () => {
  test('gives a role of the same account both actions, each only through the URL', () => {
    const { a } = twoAccounts();
    const fn = streamingFunction(a);
    fn.liveAlias.addFunctionUrl(IAM);
    fn.streamGrants.invokeUrl(role(a));

    expect(statementsOf(a)).toEqual([
      {
        Action: 'lambda:InvokeFunctionUrl',
        Effect: 'Allow',
        Resource: LIVE,
        Condition: { StringEquals: { 'lambda:FunctionUrlAuthType': 'AWS_IAM' } },
      },
      {
        Action: 'lambda:InvokeFunction',
        Effect: 'Allow',
        Resource: LIVE,
        Condition: { Bool: { 'lambda:InvokedViaFunctionUrl': true } },
      },
    ]);
    expect(permissions(a)).toEqual([]);
  });

  test('gives another account both permissions, and prints both statements', () => {
    const { a } = twoAccounts();
    const fn = streamingFunction(a);
    fn.liveAlias.addFunctionUrl(IAM);
    fn.streamGrants.invokeUrl(new iam.AccountPrincipal(B));

    expect(permissions(a)).toEqual([
      { Action: 'lambda:InvokeFunctionUrl', FunctionName: LIVE, FunctionUrlAuthType: 'AWS_IAM', Principal: B },
      { Action: 'lambda:InvokeFunction', FunctionName: LIVE, InvokedViaFunctionUrl: true, Principal: B },
    ]);
    expect(messages(a, 'Info', 'IdentityHalfElsewhere')).toEqual([
      expect.stringMatching(/lambda:InvokeFunctionUrl.*lambda:InvokedViaFunctionUrl/s),
    ]);
  });

  test('gives a role of another account both halves of both', () => {
    const { a, b } = twoAccounts();
    const fn = streamingFunction(a);
    fn.liveAlias.addFunctionUrl(IAM);
    fn.streamGrants.invokeUrl(role(b));

    expect(permissions(a)).toHaveLength(2);
    expect(statementsOf(b)).toHaveLength(2);
  });

  test('is refused at once on a URL that asks nobody', () => {
    const { a } = twoAccounts();
    const fn = streamingFunction(a);
    fn.liveAlias.addStreamUrl(PUBLIC);

    expect(() => fn.streamGrants.invokeUrl(role(a))).toThrow(
      /\[Provider\/Chat\/Aliaslive\] the function URL Provider\/Chat\/Aliaslive\/FunctionUrl\/Resource has authType NONE/,
    );
  });

  test('is refused at synth where such a URL comes later', () => {
    const { app, a } = twoAccounts();
    const fn = streamingFunction(a);
    fn.streamGrants.invokeUrl(role(a));
    fn.liveAlias.addStreamUrl(PUBLIC);

    expect(() => app.synth()).toThrow(/has authType NONE and asks nobody for permission/);
  });

  test('is no matter of a public URL on another qualifier', () => {
    const { app, a } = twoAccounts();
    const fn = streamingFunction(a);
    fn.addStreamAlias('beta').addStreamUrl(PUBLIC);
    fn.liveAlias.addFunctionUrl(IAM);
    fn.streamGrants.invokeUrl(role(a));

    expect(() => app.synth()).not.toThrow();
    expect(messages(a, 'Warning', 'GrantWithoutUrl')).toEqual([]);
  });

  test('warns where the app has no URL on that alias', () => {
    const { a } = twoAccounts();
    const fn = streamingFunction(a);
    fn.addStreamAlias('beta').addStreamUrl();
    fn.streamGrants.invokeUrl(role(a));

    expect(messages(a, 'Warning', 'GrantWithoutUrl')).toHaveLength(1);
  });

  test('grants on a plain function and its URL', () => {
    const { a } = twoAccounts();
    const fn = streamingFunction(a);
    const [version] = [fn.currentVersion];
    expect(version).toBeDefined();
    const alias = fn.addAlias('beta');
    alias.addFunctionUrl(IAM);
    StreamGrants.fromFunction(alias).invokeUrl(new iam.ArnPrincipal(`arn:aws:iam::${A}:role/R`));

    expect(permissions(a)).toEqual(
      Array(2).fill(expect.objectContaining({ FunctionName: { Ref: expect.stringMatching('Aliasbeta') } })),
    );
  });
});

import { Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { CfnParameter, Lazy, type Stack } from 'aws-cdk-lib/core';
import * as fc from 'fast-check';
import { referencesIn, stableHash, stableText } from '../../../src/constructs/facts/stable-text';
import { B, messages, permissions, role, streamingFunction, twoAccounts } from '../two-accounts';

describe('stable text', () => {
  test('is what tokens resolve to, wherever they stand in a value', () => {
    const { a } = twoAccounts();
    const name = new CfnParameter(a, 'Name').valueAsString;
    const value = { b: [`x-${name}-y`, Lazy.string({ produce: () => 'lazy' })], a: { n: 1, none: undefined } };
    expect(stableText(a, value)).toBe('{a:{n:1},b:["x-{\\"Ref\\":\\"Name\\"}-y","\\"lazy\\""]}');
  });

  test('does not depend on the order of keys', () => {
    const { a } = twoAccounts();
    expect(stableHash(a, { x: 1, y: 2 })).toBe(stableHash(a, { y: 2, x: 1 }));
    expect(stableHash(a, { x: 1 })).not.toBe(stableHash(a, { x: 2 }));
  });

  test('tells stacks apart', () => {
    const { a, b } = twoAccounts();
    expect(stableText(a, role(b).roleArn)).toContain('Consumer|');
    expect(stableText(b, (b.node.findChild('Caller') as iam.Role).roleArn)).not.toContain('Consumer|');
  });

  test('has the references of a text, and none of plain text', () => {
    const { a } = twoAccounts();
    const caller = role(a);
    expect(referencesIn(`${caller.roleArn}/x`).map(({ target }) => target)).toEqual([caller.node.defaultChild]);
    expect(referencesIn('arn:aws:iam::1:role/x')).toEqual([]);
  });
});

describe('tokens', () => {
  test('a principal from a parameter works over the API and the URL', () => {
    const { a } = twoAccounts();
    const fn = streamingFunction(a);
    fn.liveAlias.addFunctionUrl({ authType: lambda.FunctionUrlAuthType.AWS_IAM });
    const arn = new CfnParameter(a, 'CallerArn').valueAsString;
    fn.streamGrants.invoke(new iam.ArnPrincipal(arn));
    fn.streamGrants.invokeUrl(new iam.ArnPrincipal(arn));

    expect(permissions(a).map((permission) => permission['Principal'])).toEqual(Array(3).fill({ Ref: 'CallerArn' }));
    expect(messages(a, 'Info', 'IdentityHalfElsewhere')).toHaveLength(2);
    expect(messages(a, 'Warning', 'IdentityHalfMissing')).toEqual([]);
  });

  test('logical ids depend on what is granted, not on the order or on what else is in the app', () => {
    const grantees = (stack: Stack) => [
      new iam.AccountPrincipal(B),
      new iam.AccountPrincipal(new CfnParameter(stack, 'Account').valueAsString),
      new iam.OrganizationPrincipal('o-a1b2c3d4e5'),
      new iam.ArnPrincipal(`arn:aws:iam::${B}:role/Caller`),
      new iam.ServicePrincipal('bedrock.amazonaws.com'),
    ];
    const shuffles = fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 });
    const idsWith = (order: readonly number[], unrelated: number) => {
      const { a } = twoAccounts();
      for (let i = 0; i < unrelated; i++) void new CfnParameter(a, `Unrelated${i}`).valueAsString;
      const fn = streamingFunction(a);
      const all = grantees(a);
      for (const index of order) fn.streamGrants.invoke(all[index] as iam.IPrincipal);
      return Object.keys(Template.fromStack(a).findResources('AWS::Lambda::Permission')).sort();
    };
    const expected = idsWith([0, 1, 2, 3, 4], 0);
    expect(expected).toHaveLength(5);
    fc.assert(
      fc.property(shuffles, fc.nat(20), (order, unrelated) => {
        expect(idsWith(order, unrelated)).toEqual(expected);
      }),
      { numRuns: 8 },
    );
  });
});

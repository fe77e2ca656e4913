/** What users type out of habit, because `lambda.Function` has it. */
import { Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { StreamingFunction, StreamingFunctionReference } from 'cdk-lambda-streaming';
import { findingsIn } from './checks/findings';
import { errorOf } from './support/front-end-stack';
import { B, messages, statementsOf, streamingFunction, twoAccounts } from './two-accounts';

const { AWS_IAM, NONE } = lambda.FunctionUrlAuthType;
const { BUFFERED, RESPONSE_STREAM } = lambda.InvokeMode;
const LIVE_ARN = `arn:aws:lambda:us-east-1:${B}:function:prov:live`;

describe('addFunctionUrl()', () => {
  test.each([undefined, {}, { invokeMode: RESPONSE_STREAM, authType: AWS_IAM }])(
    'with %j streams on the alias live, and no check objects',
    (options) => {
      const { app, a } = twoAccounts();
      streamingFunction(a).addFunctionUrl(options);
      Template.fromStack(a).hasResourceProperties('AWS::Lambda::Url', {
        AuthType: 'AWS_IAM',
        InvokeMode: 'RESPONSE_STREAM',
        Qualifier: 'live',
      });
      expect(findingsIn(app)).toEqual([]);
    },
  );

  test('passes on who may call from which origins', () => {
    const { a } = twoAccounts();
    streamingFunction(a).addFunctionUrl({ cors: { allowedOrigins: ['https://example.com'] } });
    Template.fromStack(a).hasResourceProperties('AWS::Lambda::Url', {
      Cors: { AllowOrigins: ['https://example.com'] },
    });
  });

  test('with invokeMode BUFFERED is refused, and says what to do', () => {
    const { code, message } = errorOf(() =>
      streamingFunction(twoAccounts().a).addFunctionUrl({ invokeMode: BUFFERED }),
    );
    expect(code).toBe('BufferedUrl');
    expect(message).toMatch(/invokeMode: BUFFERED would hold the response back .*leave invokeMode out/);
  });

  test('with authType NONE is refused, and names the call that confirms it', () => {
    const { code, message } = errorOf(() => streamingFunction(twoAccounts().a).addFunctionUrl({ authType: NONE }));
    expect(code).toBe('PublicUrlNotConfirmed');
    expect(message).toMatch(/addStreamUrl\(\{ authType: lambda\.FunctionUrlAuthType\.NONE, allowPublic: true \}\)/);
  });

  test('on another alias streams there', () => {
    const { a } = twoAccounts();
    streamingFunction(a).addAlias('beta').addFunctionUrl();
    Template.fromStack(a).hasResourceProperties('AWS::Lambda::Url', {
      InvokeMode: 'RESPONSE_STREAM',
      Qualifier: 'beta',
    });
  });
});

test("addAlias('live') gives the alias that is there", () => {
  const fn = streamingFunction(twoAccounts().a);
  expect(fn.addAlias('live')).toBe(fn.liveAlias);
  expect(fn.addAlias('live', { description: undefined })).toBe(fn.liveAlias);
});

describe('a second call', () => {
  test.each(['addStreamUrl', 'addFunctionUrl'] as const)('of %s says to use the first URL', (method) => {
    const fn = streamingFunction(twoAccounts().a);
    fn.addStreamUrl();
    const { code, message } = errorOf(() => fn[method]());
    expect(code).toBe('SecondUrl');
    expect(message).toMatch(
      /Provider\/Chat\/Aliaslive\/FunctionUrl; use the URL that the first call returned, or addStreamAlias/,
    );
  });

  test('of addMonitoring says to use the alarms of the first', () => {
    const fn = streamingFunction(twoAccounts().a);
    fn.addMonitoring();
    const { code, message } = errorOf(() => fn.addMonitoring());
    expect(code).toBe('MonitoringTwice');
    expect(message).toMatch(/use the alarms that the first call returned/);
  });
});

describe('an alias name', () => {
  test.each(['my alias', '12', '', 'a'.repeat(129), 'beta!'])('%j is refused at synth', (name) => {
    const { code, message } = errorOf(() => streamingFunction(twoAccounts().a).addStreamAlias(name));
    expect(code).toBe('AliasName');
    expect(message).toContain(`got '${name}'`);
  });

  test.each(['beta-2', 'v1_0', '1a', 'a'.repeat(128)])('%s is taken', (name) => {
    expect(streamingFunction(twoAccounts().a).addStreamAlias(name).aliasName).toBe(name);
  });
});

describe('a function of another stack or account', () => {
  test('by StreamingFunction.fromArn() has callerGrants', () => {
    const { a } = twoAccounts();
    const caller = new iam.Role(a, 'Caller', { assumedBy: new iam.AccountRootPrincipal() });
    StreamingFunction.fromArn(a, 'Chat', LIVE_ARN).callerGrants.invoke(caller);
    expect(statementsOf(a)).toEqual([{ Action: 'lambda:InvokeFunction', Effect: 'Allow', Resource: LIVE_ARN }]);
    expect(messages(a, 'Info', 'ResourceHalfElsewhere')).toHaveLength(1);
  });

  test('by fromFunctionArn(), fromFunctionAttributes() and fromFunctionName() is the same object with a wider type', () => {
    const { a } = twoAccounts();
    const imported = [
      StreamingFunction.fromFunctionArn(a, 'One', LIVE_ARN),
      StreamingFunction.fromFunctionAttributes(a, 'Two', { functionArn: LIVE_ARN }),
      StreamingFunction.fromFunctionName(a, 'Three', 'prov:live'),
    ];
    for (const fn of imported) expect(fn).toBeInstanceOf(StreamingFunctionReference);
    expect(imported.map((fn) => fn.functionName)).toEqual(['prov:live', 'prov:live', 'prov:live']);
  });
});

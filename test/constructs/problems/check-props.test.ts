/** What somebody who writes JavaScript is told; each value passes TypeScript by a cast only. */
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { App, type Duration, Lazy, Stack } from 'aws-cdk-lib/core';
import {
  StreamCallerGrants,
  StreamGrants,
  StreamingAlarms,
  StreamingCallerRole,
  StreamingDashboard,
  StreamingFunction,
  type StreamingFunctionProps,
  StreamingFunctionUrl,
  StreamingInterfaceEndpoint,
  StreamingLambdaIntegration,
  StreamingUrlOrigin,
  WebAdapter,
} from 'cdk-lambda-streaming';
import { errorOf } from '../support/front-end-stack';

const CODE = lambda.Code.fromInline('exports.handler = () => {};');

let stack: Stack;
beforeEach(() => {
  stack = new Stack(new App(), 'S');
});

let defined = 0;
const define = (id: string, props: unknown) => new StreamingFunction(stack, id, props as StreamingFunctionProps);
const chat = (props: unknown) => define('Chat', props);
const another = () => define(`Another${defined++}`, { code: CODE });
const messageOf = (props: unknown) => errorOf(() => chat(props)).message;

describe('a streaming function', () => {
  test('with timeout: 60 is told to pass a Duration', () => {
    expect(errorOf(() => chat({ code: CODE, timeout: 60 }))).toEqual({
      code: 'Properties',
      message: '[S] Chat: timeout must be a Duration, such as Duration.seconds(60), got 60',
    });
  });

  test('with its props left out is told what to pass', () => {
    expect(messageOf(undefined)).toMatch(/^\[S\] Chat: the properties .* must be an object, got undefined/);
    expect(messageOf('src/chat.ts')).toMatch(/must be an object, got 'src\/chat.ts'/);
  });

  test.each([
    ['timout', 'timeout'],
    ['enviroment', 'environment'],
    ['liveAliasOption', 'liveAliasOptions'],
  ])('with %s is asked for %s', (wrong, right) => {
    const problem = errorOf(() => chat({ code: CODE, [wrong]: 1 }));
    expect(problem.message).toBe(
      `[S] Chat: there is no '${wrong}' among the properties of a streaming function; did you mean '${right}'?`,
    );
    expect(stack.node.tryFindChild('Chat')).toBeUndefined();
  });

  test('with a property that resembles none of its own is defined, and warned of', () => {
    chat({ code: CODE, teamOfTheOwner: 'web', memorySizeV2: 'INFO' });
    const texts = stack.node.metadata.map(({ data }) => String(data));
    const warnings = texts.filter((text) => text.includes('[ack: '));
    expect(warnings).toEqual([
      expect.stringMatching(/there is no 'teamOfTheOwner' .*no effect.*\[ack: cdk-lambda-streaming:UnknownProperty\]/),
      expect.stringMatching(/there is no 'memorySizeV2'/),
    ]);
  });

  test.each([
    [{ runtime: 'nodejs24.x' }, /runtime must be a lambda\.Runtime, .*got 'nodejs24\.x'/],
    [{ environment: 'A=1' }, /environment must be an object, got 'A=1'/],
    [{ memorySize: '512' }, /memorySize must be a number, got '512'/],
    [{ vpc: 'vpc-1' }, /vpc must be a VPC, .*got 'vpc-1'/],
    [{ role: 'arn:aws:iam::1:role/R' }, /role must be a role, .*fromRoleArn.*got 'arn/],
    [{ webAdapter: true }, /webAdapter must be a WebAdapter, such as WebAdapter\.layer\(\), got true/],
    [{ layers: 'arn' }, /layers must be an array, got 'arn'/],
    [{ code: './dist' }, /code must be a lambda\.Code, .*got '\.\/dist'/],
  ])('with %j is told what is allowed', (props, message) => {
    expect(messageOf({ code: CODE, ...props })).toMatch(message);
  });

  test('with tokens, a runtime of the future and properties that are undefined is defined', () => {
    const fn = chat({
      code: CODE,
      handler: 'index.handler',
      runtime: new lambda.Runtime('nodejs99.x', lambda.RuntimeFamily.NODEJS, { supportsInlineCode: true }),
      memorySize: Lazy.number({ produce: () => 512 }),
      description: Lazy.string({ produce: () => 'd' }),
      timeout: undefined,
    });
    expect(fn.timeout?.toSeconds()).toBe(60);
  });
});

describe('the other constructs', () => {
  const props = <T>(value: unknown) => value as T;

  test.each<[string, () => unknown, RegExp]>([
    ['URL', () => new StreamingFunctionUrl(stack, 'Url', props({})), /Url: function is missing .*fn\.liveAlias/],
    [
      'URL',
      () => new StreamingFunctionUrl(stack, 'Url', props({ function: chat({ code: CODE }), authType: 'none' })),
      /authType must be 'AWS_IAM' or 'NONE', got 'none'/,
    ],
    [
      'URL',
      () => chat({ code: CODE }).addStreamUrl(props({ autType: 'NONE' })),
      /no 'autType' .*did you mean 'authType'/,
    ],
    [
      'alarms',
      () => new StreamingAlarms(stack, 'A', props({})),
      /A: function is missing in the properties of the alarms/,
    ],
    ['alarms', () => chat({ code: CODE }).addMonitoring(props({ period: 60 })), /period must be a Duration, .*got 60/],
    ['dashboard', () => new StreamingDashboard(stack, 'D', props({})), /D: functions is missing .*\[fn\]/],
    [
      'dashboard',
      () => new StreamingDashboard(stack, 'D', props({ functions: 'fn' })),
      /functions must be an array, got 'fn'/,
    ],
    ['endpoint', () => new StreamingInterfaceEndpoint(stack, 'E', props({})), /E: vpc is missing/],
    ['role', () => new StreamingCallerRole(stack, 'R', props({ roleName: 'r' })), /R: assumedBy is missing/],
    [
      'alias',
      () => chat({ code: CODE }).addStreamAlias('beta', props({ provisionedConcurrentExecution: 1 })),
      /did you mean 'provisionedConcurrentExecutions'/,
    ],
    [
      'integration',
      () => new StreamingLambdaIntegration(chat({ code: CODE }), props({ timeout: 900 })),
      /timeout must be a Duration, .*got 900/,
    ],
    [
      'origin',
      () => new StreamingUrlOrigin(chat({ code: CODE }).addStreamUrl(), props({ readTimeout: 60 })),
      /readTimeout must be a Duration/,
    ],
    [
      'web adapter',
      () => WebAdapter.layer(props({ prt: 1 })),
      /there is no option of the web adapter 'prt'; did you mean 'port'/,
    ],
  ])('%s: %#', (_name, define, message) => {
    expect(define).toThrow(message);
  });
});

describe('a grant', () => {
  const grant = (grantee: unknown) => () => another().streamGrants.invoke(grantee as iam.IGrantable);

  test('to undefined says what a grantee is', () => {
    expect(grant(undefined)).toThrow(
      /\[S\/Another\d\/Aliaslive\] a grantee must be a role, .*got undefined; .*ArnPrincipal/,
    );
  });

  test('to a string says how an ARN becomes a principal', () => {
    expect(grant('arn:aws:iam::111111111111:role/R')).toThrow(
      /got 'arn:aws:iam::111111111111:role\/R'; .*ArnPrincipal/,
    );
    const callerGrants = StreamCallerGrants.fromFunction(chat({ code: CODE }));
    expect(() => callerGrants.invoke('R' as unknown as iam.IGrantable)).toThrow(/a grantee must be .*got 'R'/);
  });

  test('to something that is no grantee names it', () => {
    expect(grant(new App())).toThrow(/got the construct ''/);
    expect(grant({})).toThrow(/a grantee must be/);
  });

  test('on something that is no function names it', () => {
    const on = (fn: unknown) => () => StreamGrants.fromFunction(fn as lambda.IFunction);
    expect(on(undefined)).toThrow(/a function must be a construct .*got undefined/);
    expect(on('arn:aws:lambda:…')).toThrow(/got 'arn:aws:lambda:…'; StreamingFunctionReference\.fromArn\(\)/);
    expect(on(stack)).toThrow(/got the construct 'S'/);
  });

  test('with a misspelt option is told the right one', () => {
    const options = { sourceARN: 'arn:aws:s3:::b' } as object;
    const service = new iam.ServicePrincipal('s3.amazonaws.com');
    expect(() => chat({ code: CODE }).streamGrants.invoke(service, options)).toThrow(/did you mean 'sourceArn'/);
  });
});

test('a Duration of another copy of aws-cdk-lib is recognised by its shape', () => {
  const foreign = Object.create({
    toMilliseconds: () => 5000,
    toSeconds: () => 5,
    isUnresolved: () => false,
  }) as Duration;
  expect(() => chat({ code: CODE, timeout: foreign })).not.toThrow();
});

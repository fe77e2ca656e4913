import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Annotations, App, Aspects, CfnResource, Duration, Fn, NestedStack, type Stack, Stage } from 'aws-cdk-lib/core';
import {
  StreamingAlarms,
  StreamingChecks,
  StreamingDistribution,
  StreamingFunction,
  StreamingRestApi,
} from 'cdk-lambda-streaming';
import { RULES } from '../../src/constructs/checks/rules';
import {
  ACCOUNT_A,
  ACCOUNT_B,
  findings,
  findingsIn,
  fnIn,
  PYTHON_3_13,
  RESPONSE_STREAM,
  stackIn,
  urlIn,
} from './checks/findings';
import { CODE } from './support/front-end-stack';

function urlOn(stack: Stack, targetFunctionArn: string): void {
  new lambda.CfnUrl(stack, 'Url', { authType: 'AWS_IAM', targetFunctionArn, invokeMode: RESPONSE_STREAM });
}

describe('StreamingChecks', () => {
  test('find nothing in an app made of the constructs of this library', () => {
    const app = new App();
    const stack = stackIn(app, ACCOUNT_A);
    const fn = new StreamingFunction(stack, 'Chat', { code: CODE, timeout: Duration.minutes(15) });
    const caller = new iam.Role(stack, 'Caller', { assumedBy: new iam.AccountRootPrincipal() });
    const url = fn.addStreamUrl();
    url.grantInvokeUrl(caller);
    fn.streamGrants.invoke(caller);
    new StreamingDistribution(stack, 'Cdn', { url });
    new StreamingRestApi(stack, 'Api').addStream('POST', '/chat', fn);
    new StreamingAlarms(stack, 'Alarms', { function: fn });
    expect(findingsIn(app)).toEqual([]);
  });

  test('do not repeat what a front end of ours has said of itself', () => {
    const app = new App();
    const fn = fnIn(stackIn(app, ACCOUNT_A), { runtime: PYTHON_3_13 });
    new StreamingRestApi(fn.stack, 'Api', { endpointTypes: [apigateway.EndpointType.EDGE] }).addStream('GET', '/', fn);
    const rules = findingsIn(app).map((text) => /\[ack: cdk-lambda-streaming:(\w+)\]/.exec(text)?.[1]);
    expect(rules.sort()).toEqual(['BufferingRuntime', 'DefaultTimeout', 'EdgeRestApi', 'UnqualifiedFrontEnd']);
  });

  test('are silenced one by one, by their ids', () => {
    const silenced = findings('BufferingRuntime', (stack) => {
      const { url } = urlIn(stack, { runtime: PYTHON_3_13 });
      Annotations.of(url).acknowledgeWarning(
        'cdk-lambda-streaming:BufferingRuntime',
        'streams by a runtime of our own',
      );
    });
    expect(silenced).toEqual([]);
  });

  test('follow references into other stacks', () => {
    const across = (rule: string) =>
      findings(rule, (stack, app) => {
        const fn = fnIn(stack, { runtime: PYTHON_3_13 });
        urlOn(stackIn(app, ACCOUNT_A, 'FrontEnds'), fn.functionArn);
      });
    expect(across('BufferingRuntime')).toEqual([expect.stringMatching(/^\/FrontEnds\/Url: the function Stack1\/Fn /)]);
    expect(across('UnqualifiedFrontEnd')).toHaveLength(1);
  });

  test('follow references into nested stacks, and out of them', () => {
    const inNested = findings('BufferingRuntime', (stack) => {
      const fn = fnIn(stack, { runtime: PYTHON_3_13 });
      urlOn(new NestedStack(stack, 'FrontEnds'), fn.functionArn);
    });
    expect(inNested).toEqual([expect.stringMatching(/^\/Stack1\/FrontEnds\/Url: the function Stack1\/Fn /)]);
    const outOfNested = findings('BufferingRuntime', (stack) => {
      urlOn(stack, fnIn(new NestedStack(stack, 'Functions'), { runtime: PYTHON_3_13 }).functionArn);
    });
    expect(outOfNested).toEqual([expect.stringMatching(/^\/Stack1\/Url: the function Stack1\/Functions\/Fn /)]);
  });

  test('come to an end with templates that refer to themselves', () => {
    const selfish = findings('', (stack) => {
      const alias = { FunctionName: Fn.ref('Alias'), FunctionVersion: '$LATEST', Name: 'live' };
      new CfnResource(stack, 'Alias', { type: 'AWS::Lambda::Alias', properties: alias });
      urlOn(stack, Fn.ref('Alias'));
    });
    expect(selfish).toEqual([]);
  });

  test('stay silent about what only the deployment knows', () => {
    const unknown = findings('', (stack) => {
      urlOn(stack, Fn.importValue('SomeFunction'));
      const functionName = Fn.join(':', [
        'arn:aws:lambda',
        Fn.ref('AWS::Region'),
        Fn.ref('AWS::AccountId'),
        'function',
        Fn.importValue('Name'),
      ]);
      new lambda.CfnPermission(stack, 'P', { action: 'lambda:InvokeFunction', principal: ACCOUNT_B, functionName });
    });
    expect(unknown).toEqual([]);
  });

  test('look only at the scope they are added to', () => {
    const app = new App();
    const [checked, unchecked] = [stackIn(app, ACCOUNT_A, 'Checked'), stackIn(app, ACCOUNT_A, 'Unchecked')];
    urlIn(checked, { runtime: PYTHON_3_13 });
    urlIn(unchecked, { runtime: PYTHON_3_13 });
    Aspects.of(checked).add(new StreamingChecks());
    const warned = app.synth().stacks.filter(({ messages }) => JSON.stringify(messages).includes('BufferingRuntime'));
    expect(warned.map(({ id }) => id)).toEqual(['Checked']);
  });

  test('fail where they would silently skip a stage, and work once they are added to it', () => {
    const appWith = (inStage: boolean) => {
      const app = new App();
      const stage = new Stage(app, 'Prod', { env: { account: ACCOUNT_A, region: 'eu-west-1' } });
      urlIn(stackIn(stage as App, ACCOUNT_A), { runtime: PYTHON_3_13 });
      Aspects.of(inStage ? stage : app).add(new StreamingChecks());
      return app;
    };
    expect(() => appWith(false).synth()).toThrow(/do not reach the stage Prod; add them: Aspects\.of\(stage\)/);
    const [nested] = appWith(true).synth().nestedAssemblies;
    expect(JSON.stringify(nested?.nestedAssembly.stacks.map(({ messages }) => messages))).toContain('BufferingRuntime');
  });
});

describe('docs/checks.md', () => {
  const text = readFileSync(join(__dirname, '../../docs/checks.md'), 'utf8');
  const warnings = text.slice(0, text.indexOf('## Errors'));
  const documented = [...warnings.matchAll(/^\| `(\w+)` \|/gm)].map(([, id]) => id);
  const files = readdirSync(join(__dirname, '../../src/constructs'), { recursive: true, encoding: 'utf8' });
  const sources = files
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join(__dirname, '../../src/constructs', file), 'utf8'));
  const warned = sources.flatMap((source) =>
    [...source.matchAll(/\bwarn(?:Late|AtSynth)?\(\s*[\w.]+,\s*'(\w+)'/g)].map(([, id]) => id),
  );

  test('explains each rule and each other warning once, and nothing else', () => {
    const ids = new Set([...RULES.map(({ id }) => id), ...warned]);
    expect([...documented].sort()).toEqual([...ids].sort());
  });

  test('lists each code of an error of the constructs once, and no other', () => {
    const errors = text.slice(text.indexOf('## Errors'));
    const listed = [...errors.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, codes]) => codes?.match(/\w+/g) ?? []);
    const thrown = sources.flatMap((source) =>
      [...source.matchAll(/(?:StreamingConstructError\(\s*[\w.]+,|\bfail\()\s*'(\w+)'/g)].map(([, code]) => code),
    );
    expect(listed.sort()).toEqual([...new Set([...thrown, 'BufferingRuntime'])].sort());
  });

  test('explains the rules in the order in which they run', () => {
    const rules = new Set(RULES.map(({ id }) => id));
    expect(documented.filter((id) => rules.has(id as string))).toEqual(RULES.map(({ id }) => id));
  });
});

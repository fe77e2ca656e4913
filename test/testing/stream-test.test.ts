/** The fixture, the matchers and the serializer, by jest itself; how tests fail by a runner that keeps what it is given. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { App, CfnResource, Stack } from 'aws-cdk-lib/core';
import { StreamingFunction } from 'cdk-lambda-streaming';
import { streamContract, unchecked } from 'cdk-lambda-streaming/contract';
import { StreamTarget, streamInvoker } from 'cdk-lambda-streaming/invoker';
import {
  type StreamMatchers,
  type StreamTestDeployment,
  type StreamTestRunner,
  streamMatchers,
  streamTest,
  templateSerializer,
} from 'cdk-lambda-streaming/testing';
import { createDeferred } from '../../src/base/promises';
import { rejection } from '../invoker/read-stream';
import { bundled } from '../web/support/web-function';

declare global {
  namespace jest {
    interface Matchers<R, T> extends StreamMatchers {}
  }
}

expect.extend(streamMatchers);

const counting = streamContract({
  format: 'ndjson',
  input: unchecked<{ readonly to: number; readonly fails?: boolean }>(),
  chunk: unchecked<{ readonly n: number }>(),
  final: unchecked<{ readonly sum: number }>(),
});
const HANDLER = `import { unchecked } from './src/contract';
  const contract = streamContract({ format: 'ndjson', final: unchecked() });
  export const handler = streamHandler(contract, async function* ({ to, fails }, ctx) {
    console.log('counting to ' + to);
    for (let n = 1; n <= to; n++) yield { n };
    if (to === 9) process.exit(1);
    if (fails) throw ctx.error('QuotaExceeded', 'no more numbers', { statusCode: 429 });
    return { sum: to * (to + 1) / 2 };
  });`;

const folder = mkdtempSync(join(tmpdir(), 'stream-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

function synth(): { readonly assembly: string } {
  writeFileSync(join(folder, 'index.mjs'), bundled(HANDLER));
  const app = new App({ outdir: join(folder, 'cdk.out') });
  const stack = new Stack(app, 'Count', { env: { account: '111111111111', region: 'eu-west-1' } });
  const fn = new StreamingFunction(stack, 'Fn', {
    code: lambda.Code.fromAsset(folder, { exclude: ['cdk.out'] }),
    handler: 'index.handler',
  });
  fn.exportStreamTarget();
  new iam.Role(stack, 'Stranger', { roleName: 'stranger', assumedBy: new iam.AccountRootPrincipal() });
  new CfnResource(stack, 'Table', { type: 'AWS::Timestream::Table' });
  return { assembly: app.synth().directory };
}

const invokerOf = (stack: StreamTestDeployment) =>
  streamInvoker(counting, {
    target: StreamTarget.fromOutputs(stack.outputs('Count')),
    clientConfig: stack.clientConfig(),
  });

const logged: string[] = [];
const countTest = streamTest(async () => ({
  ...synth(),
  local: { onLog: ({ message }: { readonly message: string }) => logged.push(message) },
}));

countTest('matchers read a stream, or the promise of one', async (stack) => {
  const { invoke } = bound(invokerOf(stack));
  await expect(invoke({ to: 2 })).toStreamChunks([{ n: 1 }, { n: expect.any(Number) }]);
  await expect(invoke({ to: 2 })).not.toStreamChunks([{ n: 1 }]);
  await expect(await invoke({ to: 2 })).toEndWhole();
  await expect(invoke({ to: 2 })).toEndWhole({ sum: 3 });
  await expect(invoke({ to: 2 })).not.toEndWhole({ sum: 4 });
  await expect(invoke({ to: 1, fails: true })).not.toEndWhole();
  await expect(invoke({ to: 1, fails: true })).toEndWithError('REMOTE', {
    errorType: 'QuotaExceeded',
    statusCode: 429,
  });
  await expect(invoke({ to: 1, fails: true })).not.toEndWithError('TRUNCATED');
  const issues = [{ message: 'to must be a number' }];
  const input = { '~standard': { version: 1, vendor: 'test', validate: () => ({ issues }) } } as const;
  const strict = streamInvoker(streamContract({ format: 'ndjson', input }), {
    functionName: 'nobody',
    clientConfig: stack.clientConfig(),
  });
  await expect(strict.invoke('five')).toEndWithError('INPUT_INVALID');
  const stranger = streamInvoker(counting, { functionName: 'nobody', clientConfig: stack.clientConfig() });
  await expect(stranger.invoke({ to: 1 })).toEndWithError('NOT_FOUND');
});

countTest('after its chunks were read, a stream can still be asked for its end', async (stack) => {
  const stream = await invokerOf(stack).invoke({ to: 2 });
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  await expect(stream).toEndWhole({ sum: 3 });
  expect(String(await rejection(expect(stream).toStreamChunks(chunks)))).toMatch(/TypeError/);
});

countTest('a matcher that fails says what came', async (stack) => {
  const { invoke } = bound(invokerOf(stack));
  const failing = { to: 1, fails: true };
  for (const [failure, message] of [
    [() => expect(invoke({ to: 1 })).toStreamChunks([]), /chunks of the stream should be .*\[\].*, got .*"n": 1/s],
    [() => expect(invoke({ to: 1 })).not.toStreamChunks([{ n: 1 }]), /should not be .*"n": 1/s],
    [
      () => expect(invoke(failing)).toStreamChunks([{ n: 1 }]),
      /should be whole, but after .*"n": 1.* failed: .*QuotaExceeded/s,
    ],
    [() => expect(invoke(failing)).not.toStreamChunks([]), /should be whole, but after/],
    [() => expect(invoke(failing)).toEndWhole(), /should end whole, but failed: .*QuotaExceeded/],
    [() => expect(invoke({ to: 1 })).not.toEndWhole(), /should not end whole, but did/],
    [() => expect(invoke({ to: 1 })).toEndWhole({ sum: 7 }), /should end with .*7.*, got .*"sum": 1/s],
    [() => expect(invoke({ to: 1 })).toEndWithError('REMOTE'), /should fail with .*REMOTE.*, but is whole/s],
    [() => expect(invoke(failing)).toEndWithError('TIMEOUT'), /should fail with .*TIMEOUT.*, got .*REMOTE/s],
    [
      () => expect(Promise.reject(new Error('mine'))).toEndWithError('TIMEOUT'),
      /failed with no StreamError: Error: mine/,
    ],
    [() => expect(undefined).toEndWhole(), /toEndWhole\(\) takes a stream of streamInvoker or streamFetcher/],
  ] as const) {
    expect(String(await rejection(failure()))).toMatch(message);
  }
});

countTest('what the options say of the log is kept', async (stack) => {
  await expect(invokerOf(stack).invoke({ to: 5 })).toEndWhole();
  expect(logged.join()).toContain('counting to 5');
});

describe('a test that fails', () => {
  test('shows what the functions logged, and what ran out of time does, too', async () => {
    const runner = new KeptRunner();
    const begun = createDeferred<void>();
    const onLog = ({ message }: { readonly message: string }) => {
      if (message.includes('counting to 4')) begun.resolve();
    };
    const failing = streamTest({ ...synth(), local: { onLog } }, runner);
    failing('fails', async (stack) => {
      await expect(invokerOf(stack).invoke({ to: 3 })).toEndWhole({ sum: 7 });
    });
    failing('is cut', async (stack) => {
      await expect(invokerOf(stack).invoke({ to: 9 })).toEndWhole();
    });
    failing('fails early', () => {
      throw new Error('early');
    });
    failing('is refused', async (stack) => {
      const clientConfig = stack.clientConfig({ as: 'stranger' });
      const invoker = streamInvoker(counting, {
        target: StreamTarget.fromOutputs(stack.outputs('Count')),
        clientConfig,
      });
      await expect(invoker.invoke({ to: 1 })).toEndWhole();
    });
    failing.only('hangs', async (stack) => {
      await invokerOf(stack).invoke({ to: 4 });
      await new Promise(() => undefined);
    });
    failing.skip('is skipped', () => undefined);
    await runner.before();
    const [fails, isCut, failsEarly, isRefused, hangs] = runner.tests;
    const error = (await rejection(fails?.body() ?? Promise.resolve())) as Error;
    expect(error.message).toMatch(
      /should end with.*\n\nThe deployment warned:\n {2}1 resource does nothing here.*\n\nThe functions logged:\n {2}Count-Fn\S* \| .*counting to 3/s,
    );
    expect(error.stack).toContain('counting to 3');
    // What the target tells the client of the log is in the error, too.
    const { message } = (await rejection(isCut?.body() ?? Promise.resolve())) as Error;
    expect(message).toMatch(/\n\nThe functions logged:\n.*counting to 9/s);
    for (const once of [/counting to 9/g, /START RequestId/g]) expect(message.match(once)).toHaveLength(1);
    expect(String(await rejection(failsEarly?.body() ?? Promise.resolve()))).toMatch(
      /early\n\nThe deployment warned:\n.*\n\nThe functions logged nothing\.$/,
    );
    expect(String(await rejection(isRefused?.body() ?? Promise.resolve()))).toMatch(
      /\n\nRefused: \S*\/stranger\/\S* may not lambda:InvokeFunction on .*\n {4}\{"Effect":"Allow","Action":"lambda:InvokeFunction",/s,
    );
    // The end of the target ends it in the end.
    hangs?.body().catch(() => undefined);
    await begun.promise;
    const late = (await rejection(Promise.resolve().then(runner.afterEachTest))) as Error;
    expect(late.message).toMatch(
      /^'hangs' had not ended\. The functions logged:\n.*counting to 4\n\nThe deployment warned:\n/s,
    );
    expect(late.stack).toBe(late.message);
    expect(runner.tests.map(({ name, kind }) => [name, kind])).toEqual([
      ['fails', 'test'],
      ['is cut', 'test'],
      ['fails early', 'test'],
      ['is refused', 'test'],
      ['hangs', 'only'],
      ['is skipped', 'skip'],
    ]);
    await runner.after();
  });

  test('without a test runner says what to do', () => {
    const { test: own } = globalThis;
    Object.assign(globalThis, { test: undefined });
    try {
      expect(() => streamTest({ assembly: 'cdk.out' })).toThrow(/no global test\(\).*test\.globals of vitest/);
    } finally {
      Object.assign(globalThis, { test: own });
    }
  });
});

test('snapshots of templates have no hashes of assets, and no logical ids that change with them', () => {
  expect.addSnapshotSerializer(templateSerializer);
  const template = (code: string) => {
    const stack = new Stack(new App(), 'S');
    writeFileSync(join(folder, 'chat.ts'), code);
    const fn = new StreamingFunction(stack, 'Chat', { entry: join(folder, 'chat.ts') });
    new apigateway.LambdaRestApi(stack, 'Api', { handler: fn });
    return Template.fromStack(stack).toJSON();
  };
  const [first, second] = ['export const handler = 1;', 'export const handler = 2;'].map(template);
  expect(first).not.toEqual(second);
  const print = (value: unknown) =>
    templateSerializer.serialize(value, 0, 0, 0, 0, (cleaned) => JSON.stringify(cleaned));
  expect(print(first)).toBe(print(second));
  expect(print(first)).toContain('"S3Key":"[asset hash].zip"');
  expect(print(first)).toMatch(/"ChatCurrentVersion[0-9A-F]{8}\[revision\]"/);
  expect({ Resources: { A: { Type: 'T', Properties: { Key: 'a'.repeat(64) } } } }).toMatchInlineSnapshot(`
    {
      "Resources": {
        "A": {
          "Properties": {
            "Key": "[asset hash]",
          },
          "Type": "T",
        },
      },
    }
  `);
  expect([{ Resources: {} }, { Resources: { a: 1 } }, null, 'text'].some(templateSerializer.test)).toBe(false);
});

/** `invoke` that can be passed around. */
function bound(invoker: ReturnType<typeof invokerOf>) {
  return { invoke: (input: { readonly to: number; readonly fails?: boolean }) => invoker.invoke(input) };
}

class KeptRunner implements StreamTestRunner {
  public readonly tests: { readonly name: string; readonly kind: string; body(): Promise<void> }[] = [];
  public before: () => Promise<void> | void = () => undefined;
  public after: () => Promise<void> | void = () => undefined;
  public afterEachTest: () => Promise<void> | void = () => undefined;
  public readonly test = Object.assign(this.register('test'), {
    only: this.register('only'),
    skip: this.register('skip'),
  });
  public readonly beforeAll = (body: () => Promise<void> | void) => Object.assign(this, { before: body });
  public readonly afterAll = (body: () => Promise<void> | void) => Object.assign(this, { after: body });
  public readonly afterEach = (body: () => Promise<void> | void) => Object.assign(this, { afterEachTest: body });

  private register(kind: string) {
    return (name: string, body: () => Promise<void>) => this.tests.push({ name, kind, body });
  }
}

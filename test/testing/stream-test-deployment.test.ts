import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { App, CfnOutput, CfnResource, Stack } from 'aws-cdk-lib/core';
import { StreamingFunction } from 'cdk-lambda-streaming';
import { streamContract } from 'cdk-lambda-streaming/contract';
import { streamFetcher, wholeFetch } from 'cdk-lambda-streaming/fetcher';
import { StreamTarget, streamInvoker } from 'cdk-lambda-streaming/invoker';
import { deployStreamTestStack, type StreamTestDeploymentOptions } from 'cdk-lambda-streaming/testing';
import { deployArguments, destroyArguments } from '../../src/testing/cdk-cli';
import { rejection } from '../invoker/read-stream';

const greeting = streamContract({ format: 'text' });
const HANDLER = `exports.handler = awslambda.streamifyResponse(async (event, stream) => {
  stream.setContentType('text/plain');
  stream.write('hello ');
  stream.write((event.body ? JSON.parse(event.body) : event).name);
  stream.end();
});`;

let outdir: string;

beforeEach(() => {
  outdir = mkdtempSync(join(tmpdir(), 'stream-test-'));
});

afterEach(() => {
  delete process.env['STREAM_TARGET'];
  rmSync(outdir, { recursive: true, force: true });
});

function synth(): string {
  const app = new App({ outdir });
  const stack = new Stack(app, 'Greeting', { env: { account: '111111111111', region: 'eu-west-1' } });
  const fn = new StreamingFunction(stack, 'Fn', { code: lambda.Code.fromInline(HANDLER) });
  const role = new iam.Role(stack, 'Caller', { assumedBy: new iam.AccountRootPrincipal() });
  fn.streamGrants.invoke(role);
  fn.exportStreamTarget();
  const url = fn.addStreamUrl();
  url.grantInvokeUrl(role);
  new CfnOutput(stack, 'Url', { value: url.url });
  const stranger = new iam.Role(stack, 'Stranger', { assumedBy: new iam.AccountRootPrincipal() });
  new CfnOutput(stack, 'StrangerRole', { value: stranger.roleArn });
  new CfnOutput(stack, 'Role', { value: role.roleArn });
  return app.synth().directory;
}

describe('deployStreamTestStack', () => {
  test('an app is synthesized, leaves nothing in the temporary folder, and explains what was refused', async () => {
    const app = new App();
    const stack = new Stack(app, 'Small', { env: { account: '111111111111', region: 'eu-west-1' } });
    new StreamingFunction(stack, 'Fn', { functionName: 'small', code: lambda.Code.fromInline(HANDLER) });
    new iam.Role(stack, 'Stranger', { roleName: 'stranger', assumedBy: new iam.AccountRootPrincipal() });
    const deployed = await deployStreamTestStack({ assembly: app });
    const { directory } = app.synth();
    expect(existsSync(directory)).toBe(true);
    const invoker = streamInvoker(greeting, {
      functionName: 'small',
      clientConfig: deployed.clientConfig({ as: 'stranger' }),
    });
    const refusal = await rejection(invoker.invoke({ name: 'you' }));
    expect(`${deployed.explain(refusal)}`).toMatch(/stranger\/\S* may not lambda:InvokeFunction on .*\n.*missing in /);
    expect(() => deployed.explain(new Error('other'))).toThrow('explain() takes an error');
    await deployed.stop();
    expect(existsSync(directory)).toBe(false);
    await expect(deployStreamTestStack({ assembly: app })).rejects.toThrow(
      /^the assembly of this app, '.*', was removed when a deployment of it stopped; deploy a new App\(\), or one with an outdir$/,
    );
    // What somebody has named is theirs.
    const named = await deployStreamTestStack({ assembly: new App({ outdir }) }).catch(() => undefined);
    await named?.stop();
    expect(existsSync(join(outdir, 'manifest.json'))).toBe(true);
  });

  test('deploys to the local target and gives outputs and clients to the typed invoker', async () => {
    const stack = await deployStreamTestStack({ assembly: synth() });
    try {
      expect(stack.place).toBe('local');
      expect(() => stack.output('Greeting', 'Roel')).toThrow(
        /the stack 'Greeting' has no output 'Roel'; did you mean 'Role'\? it has: Fn\w+StreamTarget\w+, Url, StrangerRole, Role$/,
      );
      const outputs = stack.outputs('Greeting');
      const target = StreamTarget.fromOutputs(outputs);
      for (const options of [{ as: stack.output('Greeting', 'Role') }, {}]) {
        const invoker = streamInvoker(greeting, { target, clientConfig: stack.clientConfig(options) });
        let text = '';
        for await (const chunk of await invoker.invoke({ name: 'world' })) text += chunk;
        expect(text).toBe('hello world');
      }
    } finally {
      await stack.stop();
    }
  });

  test('signs for a function URL as whom the test names, by the fetcher and by wholeFetch', async () => {
    const stack = await deployStreamTestStack({ assembly: synth() });
    try {
      const url = stack.output('Greeting', 'Url');
      const as = stack.output('Greeting', 'Role');
      for (const sign of [stack.sign({ as }), stack.sign()]) {
        const fetched = await streamFetcher(greeting, { url, sign }).invoke({ name: 'world' });
        expect(await fetched.text()).toBe('hello world');
        const body = JSON.stringify({ name: 'page' });
        const response = await wholeFetch(undefined, { sign })(url, { method: 'POST', body });
        expect(await response.text()).toBe('hello page');
      }
      const stranger = stack.sign({ as: stack.output('Greeting', 'StrangerRole') });
      await expect(streamFetcher(greeting, { url, sign: stranger }).invoke({ name: 'x' })).rejects.toMatchObject({
        code: 'ACCESS_DENIED',
      });
      expect(stack.sign({ as, region: 'us-west-2', service: 'execute-api' })).toMatchObject({
        region: 'us-west-2',
        service: 'execute-api',
      });
      expect(() => stack.sign({ as: stack.outputs('Greeting')['Roel'] } as { as: string })).toThrow(
        "sign(): as is undefined; take the role from output(stackName, key), or leave out 'as'",
      );
      expect(() => stack.sign({ service: 's3' } as unknown as { as: string })).toThrow(
        "sign(): service must be 'execute-api' or 'lambda', got 's3'",
      );
    } finally {
      await stack.stop();
    }
  });

  test('leaves nothing running when the deployment fails', async () => {
    await expect(deployStreamTestStack({ assembly: join(outdir, 'nowhere') })).rejects.toThrow(
      'is not a cloud assembly',
    );
  });

  test('lets the local target refuse what it does not play', async () => {
    const app = new App({ outdir });
    const stack = new Stack(app, 'Rules', { env: { account: '111111111111', region: 'eu-west-1' } });
    new CfnResource(stack, 'Nightly', { type: 'AWS::Events::Rule' });
    const assembly = app.synth().directory;
    await expect(deployStreamTestStack({ assembly, strict: true })).rejects.toThrow(
      'AWS::Events::Rule: Nightly (Rules/Nightly)',
    );
    const deployed = await deployStreamTestStack({ assembly });
    expect(deployed.warnings).toEqual(['1 resource does nothing here, and calls to it fail: AWS::Events::Rule']);
    await deployed.stop();
  });

  test('takes no misspelt output for an administrator', async () => {
    const stack = await deployStreamTestStack({ assembly: synth() });
    const as = stack.outputs('Greeting')['Roel'];
    expect(() => stack.clientConfig({ as } as { as: string })).toThrow('clientConfig(): as is undefined');
    await stack.stop();
  });

  test('asks for a principal when the stacks are in several accounts', async () => {
    const app = new App({ outdir });
    for (const account of ['111111111111', '222222222222']) {
      new Stack(app, `In${account}`, { env: { account, region: 'eu-west-1' } });
    }
    const stack = await deployStreamTestStack({ assembly: app.synth().directory });
    expect(() => stack.clientConfig()).toThrow('the stacks are in the accounts 111111111111, 222222222222');
    const by = { by: 'arn:aws:iam::111111111111:root' } as { as?: string };
    expect(() => stack.clientConfig(by)).toThrow("clientConfig(): there is no option 'by'; there are as, region");
    await stack.stop();
  });

  test('refuses a place that does not exist', async () => {
    process.env['STREAM_TARGET'] = 'azure';
    await expect(deployStreamTestStack({ assembly: outdir })).rejects.toThrow(
      "STREAM_TARGET must be 'local' or 'aws', got 'azure'",
    );
  });

  test.each([
    [{ place: 'azure' }, "deployStreamTestStack(): place must be 'local' or 'aws', got 'azure'"],
    [{ keeep: true }, "deployStreamTestStack(): there is no option 'keeep'; did you mean 'keep'?"],
    [{ stacks: 'Greeting' }, "deployStreamTestStack(): stacks must be an array of non-empty strings, got 'Greeting'"],
    [{ assembly: undefined }, 'deployStreamTestStack() needs an app, or the folder of a cloud assembly'],
    [{ local: { prt: 1 } }, "startLocal(): there is no option 'prt'; did you mean 'port'?"],
  ])('refuses %p', async (options, message) => {
    const deployed = deployStreamTestStack({ assembly: outdir, ...options } as unknown as StreamTestDeploymentOptions);
    await expect(deployed).rejects.toThrow(message);
  });

  test.each([
    [5, /, got 5; give an App, or the folder of a cloud assembly$/],
    [undefined, /, got undefined; /],
    [{ folder: outdir }, /, got \{ folder \}; /],
    [Promise.resolve({ directory: outdir }), /, got a promise, which is to be awaited before; /],
    [{ directory: 'nowhere' }, /, got one whose folder 'nowhere' is not there; /],
  ])('refuses an app that synthesizes %p', async (made, message) => {
    const deployed = deployStreamTestStack({ assembly: { synth: () => made as { directory: string } } });
    await expect(deployed).rejects.toThrow(
      /^deployStreamTestStack\(\): synth\(\) of assembly must return a cloud assembly, as that of an App does, /,
    );
    await expect(deployed).rejects.toThrow(message);
  });

  test('refuses to be called without options', async () => {
    await expect((deployStreamTestStack as () => Promise<unknown>)()).rejects.toThrow(
      'deployStreamTestStack(): the options must be an object, got undefined',
    );
  });
});

describe('the cdk CLI', () => {
  test('deploys a ready assembly without questions, and writes the outputs', () => {
    expect(deployArguments({ assembly: 'cdk.out', stacks: ['A', 'B'] }, 'o.json')).toEqual([
      ...['deploy', '--app', 'cdk.out', '--require-approval', 'never', '--outputs-file', 'o.json', 'A', 'B'],
    ]);
  });

  test('destroys everything when no stack is named', () => {
    expect(destroyArguments({ assembly: 'cdk.out', stacks: [] })).toEqual([
      'destroy',
      '--app',
      'cdk.out',
      '--force',
      '--all',
    ]);
  });
});

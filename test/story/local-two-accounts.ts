/** A function's account, a caller's account, and a local target that has both, for the stories about who may invoke. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvokeCommand, InvokeWithResponseStreamCommand, LambdaClient } from '@aws-sdk/client-lambda';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { App, PhysicalName, Stack } from 'aws-cdk-lib/core';
import { StreamingFunction } from 'cdk-lambda-streaming';
import { type LocalTarget, type StartLocalOptions, startLocal } from 'cdk-lambda-streaming/local';

export const OWNER = { account: '111111111111', region: 'eu-west-1' };
export const CALLER = { account: '222222222222', region: 'eu-west-1' };

/** Streams two chunks: `hello ` and the event. */
export const HANDLER = `exports.handler = awslambda.streamifyResponse(async (event, stream) => {
  stream.write('hello ');
  stream.write(JSON.stringify(event));
  stream.end();
});`;

/** Defines an app, deploys it to a local target, runs `story` and cleans up. */
export async function onLocal(
  define: (app: App) => void,
  story: (local: LocalTarget, deployAgain: (define: (app: App) => void) => Promise<void>) => Promise<void>,
  options: StartLocalOptions = {},
): Promise<void> {
  const folders: string[] = [];
  const synth = (defineApp: (app: App) => void) => {
    const outdir = mkdtempSync(join(tmpdir(), 'local-story-'));
    folders.push(outdir);
    const app = new App({ outdir });
    defineApp(app);
    return app.synth().directory;
  };
  const local = await startLocal(options);
  try {
    await local.deploy(synth(define));
    await story(local, async (defineAgain) => {
      await local.deploy(synth(defineAgain));
    });
  } finally {
    await local.stop();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  }
}

/** The two stacks. */
export function twoStacks(app: App): { readonly owner: Stack; readonly caller: Stack } {
  return { owner: new Stack(app, 'Owner', { env: OWNER }), caller: new Stack(app, 'Caller', { env: CALLER }) };
}

export function role(stack: Stack, id: string): iam.Role {
  return new iam.Role(stack, id, { assumedBy: new iam.AccountRootPrincipal(), roleName: id });
}

export function streamingFunction(stack: Stack, code: string = HANDLER): StreamingFunction {
  return new StreamingFunction(stack, 'Greeting', { functionName: 'greeting', code: lambda.Code.fromInline(code) });
}

/** Names for roles that CDK generates when needed. */
export const GENERATED_NAME = PhysicalName.GENERATE_IF_NEEDED;

export const FUNCTION_ARN = `arn:aws:lambda:${OWNER.region}:${OWNER.account}:function:greeting`;
export const ALIAS_ARN = `${FUNCTION_ARN}:live`;

export function roleArn(account: string, name: string): string {
  return `arn:aws:iam::${account}:role/${name}`;
}

/** What IAM says to a DryRun: `204`, or the words of the refusal. */
export async function dryRun(local: LocalTarget, as: string, functionName: string): Promise<number | string> {
  return withClient(local, as, async (client) => {
    const command = new InvokeCommand({ FunctionName: functionName, InvocationType: 'DryRun' });
    const { StatusCode } = await client.send(command);
    return StatusCode ?? 0;
  });
}

/** The streamed text, or the words of the refusal. */
export async function streamText(local: LocalTarget, as: string, functionName: string): Promise<number | string> {
  return withClient(local, as, async (client) => {
    const Payload = Buffer.from('{"a":1}');
    const { EventStream } = await client.send(
      new InvokeWithResponseStreamCommand({ FunctionName: functionName, Payload }),
    );
    const chunks: Uint8Array[] = [];
    for await (const { PayloadChunk } of EventStream ?? []) chunks.push(PayloadChunk?.Payload ?? new Uint8Array());
    return Buffer.concat(chunks).toString();
  });
}

async function withClient(
  local: LocalTarget,
  as: string,
  call: (client: LambdaClient) => Promise<number | string>,
): Promise<number | string> {
  const client = new LambdaClient({ ...local.clientConfig({ as }), maxAttempts: 1 });
  try {
    return await call(client);
  } catch (error) {
    const { name, message } = error as Error;
    if (name !== 'AccessDeniedException') throw error;
    return message;
  } finally {
    client.destroy();
  }
}

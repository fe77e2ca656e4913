/** An app with a plain function, alias and URL becomes one with a streaming function: nothing is replaced, callers notice nothing. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as nodejs from 'aws-cdk-lib/aws-lambda-nodejs';
import { App, CfnOutput, Stack } from 'aws-cdk-lib/core';
import { StreamingFunction } from 'cdk-lambda-streaming';
import { startLocal } from 'cdk-lambda-streaming/local';

const entry = join(__dirname, '../../integ/handlers/page.ts');
const { RESPONSE_STREAM } = lambda.InvokeMode;

const folders: string[] = [];

/** The same code of the app, with one class or the other. */
function app(define: (stack: Stack) => lambda.Function): App {
  const outdir = mkdtempSync(join(tmpdir(), 'moving-over-'));
  folders.push(outdir);
  const made = new App({ outdir, context: { 'aws:cdk:bundling-stacks': ['S'] } });
  const stack = new Stack(made, 'S', { env: { account: '111111111111', region: 'eu-west-1' } });
  const alias = define(stack).addAlias('live');
  const url = alias.addFunctionUrl({ invokeMode: RESPONSE_STREAM });
  new CfnOutput(stack, 'Url', { value: url.url });
  new CfnOutput(stack, 'Alias', { value: alias.functionArn });
  return made;
}

const before = () => app((stack) => new nodejs.NodejsFunction(stack, 'Page', { entry }));
const after = () => app((stack) => new StreamingFunction(stack, 'Page', { entry }));

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

test('NodejsFunction with alias and URL, changed to StreamingFunction: alias and URL keep their logical ids', () => {
  const idsOf = (made: App, type: string) =>
    Object.keys(Template.fromStack(made.node.findChild('S') as Stack).findResources(type));
  const [old, moved] = [before(), after()];
  for (const type of ['AWS::Lambda::Function', 'AWS::Lambda::Alias', 'AWS::Lambda::Url', 'AWS::IAM::Role']) {
    expect(idsOf(moved, type)).toEqual(idsOf(old, type));
    expect(idsOf(moved, type)).toHaveLength(1);
  }
});

test('deployed over the old app it keeps the address of the URL and the ARN of the alias', async () => {
  const local = await startLocal();
  try {
    await local.deploy(before().synth().directory);
    const old = local.outputs('S');
    await local.deploy(after().synth().directory);
    expect(local.outputs('S')).toEqual(old);
    expect(old['Url']).toMatch(/^http/);
    expect(old['Alias']).toMatch(/:function:.*:live$/);
  } finally {
    await local.stop();
  }
});

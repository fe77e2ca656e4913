/** What docs/testing.md promises of synth tests and of the scripted model. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { App, Stack } from 'aws-cdk-lib/core';
import { StreamingFunction } from 'cdk-lambda-streaming';
import { startScriptedModel } from 'cdk-lambda-streaming/testing';

/** The template of a function whose handler is `code`. */
function template(entry: string, code: string, context: Record<string, unknown>): unknown {
  writeFileSync(entry, code);
  const stack = new Stack(new App({ context }), 'ChatStack');
  new StreamingFunction(stack, 'Chat', { entry });
  return Template.fromStack(stack).toJSON();
}

test('with bundling left out, a template changes with the infrastructure alone', () => {
  const folder = mkdtempSync(join(tmpdir(), 'snapshot-'));
  const entry = join(folder, 'chat.ts');
  const both = (context: Record<string, unknown>) =>
    ['export const handler = 1;', 'export const handler = 2;'].map((code) => template(entry, code, context));
  const [first, second] = both({ 'aws:cdk:bundling-stacks': [] });
  const [bundledFirst, bundledSecond] = both({});
  rmSync(folder, { recursive: true });
  expect(first).toEqual(second);
  expect(bundledFirst).not.toEqual(bundledSecond);
});

test('a scripted model that breaks down breaks the connection, and keeps what it was asked', async () => {
  const model = await startScriptedModel({ tokens: ['Hel', 'lo'], breaksAfter: 2 });
  try {
    const body = JSON.stringify({ model: 'any', stream: true, messages: [{ role: 'user', content: 'hi' }] });
    const response = await fetch(`${model.url}/v1/chat/completions`, { method: 'POST', body });
    await expect(response.text()).rejects.toThrow();
    expect(model.requests).toMatchObject([{ model: 'any', stream: true }]);
  } finally {
    await model.stop();
  }
});

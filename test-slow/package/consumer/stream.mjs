import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { StreamingFunction } from 'cdk-lambda-streaming';
import { StreamTarget, streamInvoker } from 'cdk-lambda-streaming/invoker';
import { startLocal } from 'cdk-lambda-streaming/local';
import { words } from './words-contract.mjs';

// Deployed unbundled, so that the handler loads the installed package itself.
const code = mkdtempSync(join(tmpdir(), 'code-'));
for (const file of ['words-contract.mjs', 'words-handler.mjs']) cpSync(file, join(code, file));
for (const name of ['zod', 'cdk-lambda-streaming']) {
  cpSync(join('node_modules', name), join(code, 'node_modules', name), { recursive: true });
}

const app = new App({ outdir: mkdtempSync(join(tmpdir(), 'assembly-')) });
const stack = new Stack(app, 'Words', { env: { account: '111111111111', region: 'eu-west-1' } });
const fn = new StreamingFunction(stack, 'Words', { code: Code.fromAsset(code), handler: 'words-handler.handler' });
fn.exportStreamTarget();
app.synth();

const local = await startLocal();
try {
  await local.deploy(app.outdir);
  const invoker = streamInvoker(words, {
    logs: 'tail',
    target: StreamTarget.fromOutputs(local.outputs('Words')),
    clientConfig: local.clientConfig({ as: 'arn:aws:iam::111111111111:root' }),
  });
  const stream = await invoker.invoke({ words: ['one', 'two', 'three'] });
  const seen = [];
  for await (const { word } of stream) seen.push(word);
  const { final } = await stream.result;
  console.log(`${seen.join(' ')} (${final.count})`);
} finally {
  await local.stop();
}

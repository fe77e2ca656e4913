import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib/core';
import { streamContract } from 'cdk-lambda-streaming/contract';
import { streamInvoker } from 'cdk-lambda-streaming/invoker';
import { type LocalTarget, startLocal } from 'cdk-lambda-streaming/local';
import { signedHeaders } from '../../test/local/http/sign-request';
import { ANSWER, Parts } from './app-shapes/parts';
import { SHAPES } from './app-shapes/shapes';

const CALLER = 'arn:aws:iam::111111111111:role/App-caller';

/** What the app answers at `/hello`, byte for byte. */
async function ask(local: LocalTarget, asks: (typeof SHAPES)[number]['asks']): Promise<string> {
  const { Answers = '' } = local.outputs('App');
  if (asks === 'function') {
    const clientConfig = local.clientConfig({ as: CALLER });
    const invoker = streamInvoker(streamContract({ format: 'text' }), { functionName: Answers, clientConfig });
    const pieces: string[] = [];
    for await (const piece of await invoker.invoke({})) pieces.push(piece);
    return pieces.join('');
  }
  const url = `${Answers}hello`;
  const headers = asks === 'signed url' ? await signed(local, url) : {};
  const token: Record<string, string> = asks === 'url with a token' ? { authorization: 'Bearer token' } : {};
  const response = await fetch(url, { headers: { ...headers, ...token } });
  const text = new TextDecoder('utf-8', { fatal: true }).decode(await response.arrayBuffer());
  return response.status === 200 ? text : `${response.status} ${text} ${JSON.stringify([...response.headers])}`;
}

async function signed(local: LocalTarget, url: string): Promise<Record<string, string>> {
  const { credentials, region } = local.sign({ as: CALLER });
  return signedHeaders(url, region, credentials);
}

const docs = readFileSync(join(__dirname, '../../docs/local.md'), 'utf8');
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'app-shapes-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(SHAPES)('$name: deploys as it is, and answers', async ({ name, asks, build }) => {
  const own = mkdtempSync(join(folder, 'app-'));
  const app = new App({ outdir: join(own, 'cdk.out') });
  await using local = await startLocal(build(new Parts(app, own)) ?? {});
  await local.deploy(app.synth().directory);
  if (asks !== 'nobody') expect(await ask(local, asks)).toBe(ANSWER);
  await local.destroy();
  expect(docs).toContain(`| ${name} | yes | ${asks === 'nobody' ? 'no' : 'yes'} |`);
});

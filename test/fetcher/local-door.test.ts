/** End to end: a CDK app deployed to the local target, whose function URL the fetcher calls as the app's roles. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { App, CfnOutput, Stack } from 'aws-cdk-lib/core';
import { StreamingFunction } from 'cdk-lambda-streaming';
import { streamContract } from 'cdk-lambda-streaming/contract';
import { streamFetcher } from 'cdk-lambda-streaming/fetcher';
import { type LocalTarget, startLocal } from 'cdk-lambda-streaming/local';
import { buildSync } from 'esbuild';
import { failureOf } from './support/door-server';

const count = streamContract({ format: 'ndjson' });

/** One function for all cases: `input` says how it goes. */
const HANDLER = `
  import { streamContract } from './src/contract';
  import { streamHandler } from './src/handler';
  export const handler = streamHandler(streamContract({ format: 'ndjson' }), async function* ({ to, how }, ctx) {
    if (how === 'teapot') ctx.http({ statusCode: 418, headers: { 'content-type': 'application/x-ndjson', 'x-kind': 'tea' }, cookies: ['a=1'] });
    if (how === 'early') throw ctx.error('TooEarly', 'come back later', { retryable: true, statusCode: 425 });
    for (let n = 1; n <= to; n++) yield { n };
    if (how === 'late') throw ctx.error('TooLate', 'gone', { data: { at: to } });
    if (how === 'crash') process.exit(1);
  });
`;

let folder: string;
let local: LocalTarget;
let url: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fetcher-local-'));
  const code = join(folder, 'code');
  const { outputFiles } = buildSync({
    stdin: { contents: HANDLER, resolveDir: process.cwd() },
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    outdir: code,
  });
  mkdirSync(code);
  writeFileSync(join(code, 'index.js'), outputFiles[0]?.contents ?? '');
  const app = new App({ outdir: join(folder, 'cdk.out') });
  const stack = new Stack(app, 'Doors', { env: { account: '111111111111', region: 'eu-central-1' } });
  const fn = new StreamingFunction(stack, 'Count', { code: lambda.Code.fromAsset(code), handler: 'index.handler' });
  const door = fn.addStreamUrl();
  const role = (roleName: string) =>
    new iam.Role(stack, roleName, { roleName, assumedBy: new iam.AccountRootPrincipal() });
  door.grantInvokeUrl(role('Visitor'));
  role('Stranger');
  new CfnOutput(stack, 'Url', { value: door.url });
  local = await startLocal();
  await local.deploy(app.synth().directory);
  url = local.outputs('Doors')['Url'] ?? '';
});

afterAll(async () => {
  await local?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function fetcherAs(name: string) {
  const { region, credentials } = local.clientConfig({ as: `arn:aws:iam::111111111111:role/${name}` });
  return streamFetcher(count, { url, sign: { credentials, region, service: 'lambda' }, retry: false });
}

test('a role with the grant streams', async () => {
  const stream = await fetcherAs('Visitor').invoke({ to: 3 });
  const { chunks, metrics } = await stream.collect();
  expect(chunks).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  expect(stream.requestId).toMatch(/^[0-9a-f-]{36}$/);
  expect(metrics.attempts).toBe(1);
});

test('a role without it, and nobody at all, are refused before the function starts', async () => {
  expect(await failureOf(fetcherAs('Stranger').invoke({ to: 3 }))).toMatchObject({
    code: 'ACCESS_DENIED',
    invoked: 'no',
  });
  const unsigned = streamFetcher(count, { url, sign: 'none' });
  expect(await failureOf(unsigned.invoke({ to: 3 }))).toMatchObject({ code: 'ACCESS_DENIED', invoked: 'no' });
});

test('status, headers and cookies that the handler sets arrive, and its stream is read also with status 418', async () => {
  const stream = await fetcherAs('Visitor').invoke({ to: 1, how: 'teapot' });
  expect(await stream.http).toMatchObject({ statusCode: 418, headers: { 'x-kind': 'tea' }, cookies: ['a=1'] });
  expect((await stream.collect()).chunks).toEqual([{ n: 1 }]);
});

test('an error the handler throws before its first chunk keeps its type', async () => {
  const stream = await fetcherAs('Visitor').invoke({ to: 0, how: 'early' });
  expect(await stream.http).toMatchObject({ statusCode: 425 });
  expect(await failureOf(stream.collect())).toMatchObject({ code: 'REMOTE', errorType: 'TooEarly', retryable: true });
});

test('an error after chunks keeps its data', async () => {
  const stream = await fetcherAs('Visitor').invoke({ to: 2, how: 'late' });
  expect(await failureOf(stream.collect())).toMatchObject({
    code: 'REMOTE',
    errorType: 'TooLate',
    data: { at: 2 },
    chunks: 2,
  });
});

test('a function that dies in the middle is never taken for a whole stream', async () => {
  const stream = await fetcherAs('Visitor').invoke({ to: 2, how: 'crash' });
  const { code, invoked } = (await failureOf(stream.collect())) as { code: string; invoked: string };
  expect(['TRUNCATED', 'TRANSPORT']).toContain(code);
  expect(invoked).toBe('yes');
});

test('an address without a function is NOT_FOUND', async () => {
  const nowhere = streamFetcher(count, { url: url.replace(/[a-z0-9]+\/$/, 'nosuchurl/'), sign: 'none' });
  expect(await failureOf(nowhere.invoke({}))).toMatchObject({ code: 'NOT_FOUND' });
});

/** What AWS gets to see of a test, with a local target in its place: signatures by the credentials in the environment. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { App, Stack } from 'aws-cdk-lib/core';
import { StreamingFunction } from 'cdk-lambda-streaming';
import { streamContract } from 'cdk-lambda-streaming/contract';
import { streamFetcher } from 'cdk-lambda-streaming/fetcher';
import { startLocal } from 'cdk-lambda-streaming/local';
import { roleCredentials, signerOnAws } from '../../src/testing/aws-caller';

const ROLE = 'arn:aws:iam::111111111111:role/Caller';
const saved = process.env;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aws-caller-'));
  process.env = { ...saved };
});
afterEach(() => {
  process.env = saved;
  rmSync(folder, { recursive: true, force: true });
});

function synth(...regions: (string | undefined)[]): string {
  const app = new App({ outdir: join(folder, 'cdk.out') });
  for (const [index, region] of regions.entries()) {
    const env = region === undefined ? {} : { env: { account: '111111111111', region } };
    const stack = new Stack(app, `Stack${index}`, env);
    const code = "exports.handler = awslambda.streamifyResponse(async (event, stream) => stream.end('hello'));";
    new StreamingFunction(stack, 'Fn', { code: lambda.Code.fromInline(code) }).addStreamUrl();
  }
  return app.synth().directory;
}

test('without a role it is whoever the AWS SDK finds, in the region of the stacks', async () => {
  const local = await startLocal();
  try {
    const assembly = synth('eu-west-1');
    await local.deploy(assembly);
    const { credentials } = local.clientConfig({ as: 'arn:aws:iam::111111111111:root' });
    Object.assign(process.env, {
      AWS_REGION: 'us-west-2', // not that of the stacks
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_SESSION_TOKEN: credentials.sessionToken,
    });
    const url = local.functions()[0]?.urls[0] ?? '';
    const sign = signerOnAws(assembly, {});
    const stream = await streamFetcher(streamContract({ format: 'bytes' }), { url, sign }).invoke({});
    expect(await stream.text()).toBe('hello');
  } finally {
    await local.stop();
  }
});

test('a region is known where all stacks have the same', () => {
  expect(signerOnAws(synth('eu-west-1', 'eu-west-1'), {})).toMatchObject({ region: 'eu-west-1' });
  const several = synth('eu-west-1', 'us-east-1');
  expect(signerOnAws(several, {})).not.toHaveProperty('region');
  expect(signerOnAws(several, { region: 'us-east-1' })).toMatchObject({ region: 'us-east-1', service: 'lambda' });
  expect(signerOnAws(synth(undefined), {})).not.toHaveProperty('region');
});

/** An `aws` program that issues sessions which are valid for so long, and numbers them. */
function installAws(seconds: number): void {
  const count = join(folder, 'count');
  writeFileSync(count, '');
  const program = `#!${process.execPath}
    const { appendFileSync, readFileSync } = require('node:fs');
    appendFileSync('${count}', '.');
    const Expiration = new Date(Date.now() + ${seconds * 1_000}).toISOString();
    const AccessKeyId = 'ASIA' + readFileSync('${count}', 'utf8').length;
    const role = process.argv[process.argv.indexOf('--role-arn') + 1];
    console.log(JSON.stringify({ Credentials: { AccessKeyId, SecretAccessKey: role, SessionToken: 't', Expiration } }));`;
  writeFileSync(join(folder, 'aws'), program, { mode: 0o755 });
  process.env['PATH'] = `${folder}${delimiter}${saved['PATH']}`;
}

test('a session of a role serves until it is about to end', async () => {
  installAws(3_600);
  const lasting = roleCredentials(ROLE);
  expect(await lasting()).toMatchObject({ accessKeyId: 'ASIA1', secretAccessKey: ROLE, sessionToken: 't' });
  expect((await Promise.all([lasting(), lasting()])).map(({ accessKeyId }) => accessKeyId)).toEqual(['ASIA1', 'ASIA1']);
  installAws(30);
  const short = roleCredentials(ROLE);
  expect([await short(), await short()].map(({ accessKeyId }) => accessKeyId)).toEqual(['ASIA1', 'ASIA2']);
});

test('without the aws CLI a role cannot be assumed, and the next request tries again', async () => {
  process.env['PATH'] = folder;
  const { credentials } = signerOnAws(synth('eu-west-1'), { as: ROLE });
  const ask = async () => (typeof credentials === 'function' ? credentials() : credentials);
  await expect(ask()).rejects.toThrow(`cannot assume ${ROLE} with the aws CLI: it is not installed; see https://docs`);
  installAws(3_600);
  expect(await ask()).toMatchObject({ accessKeyId: 'ASIA1' });
});

/** A stack with a function for each way a stream can be and end, as an assembly for the command line to be used on. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { App, RemovalPolicy, Stack } from 'aws-cdk-lib/core';
import { StreamingFunction } from 'cdk-lambda-streaming';
import { bundled } from '../../web/support/web-function';

export const ACCOUNT = '111111111111';
export const ROLE = (name: string): string => `arn:aws:iam::${ACCOUNT}:role/${name}`;

const SOURCE = `
  const anything = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } };
  const counting = streamContract({ format: 'ndjson', final: anything });
  const events = streamContract({ format: 'sse' });
  const pause = () => new Promise((resolve) => setTimeout(resolve, 20));
  export const text = awslambda.streamifyResponse(async (event, stream) => {
    stream.setContentType('text/plain');
    stream.write('hello ');
    await pause();
    stream.end(event.name ?? 'nobody');
  });
  export const count = streamHandler(counting, async function* ({ to }) {
    for (let n = 1; n <= to; n++) { yield { n }; await pause(); }
    return { sum: to * (to + 1) / 2 };
  });
  export const quota = streamHandler(events, async function* (input, ctx) {
    yield { data: 'one' };
    throw ctx.error('QuotaExceeded', 'no tokens left', { statusCode: 429 });
  });
  export const miscounted = awslambda.streamifyResponse(async (event, stream) => {
    stream.setContentType('application/x-ndjson');
    stream.end('{"n":1}\\n{"$stream":{"end":{"chunks":2}}}\\n');
  });
  export const site = webHandler(() => new Response('data: 1\\n\\ndata: 2\\n\\n', { headers: { 'content-type': 'text/event-stream' } }));
  export const crash = awslambda.streamifyResponse(async (event, stream) => {
    stream.write('half');
    await pause();
    throw new Error('secret');
  });
  export const bytes = awslambda.streamifyResponse(async (event, stream) => stream.end(Buffer.from([0, 255, 1])));
  export const endless = awslambda.streamifyResponse(async (event, stream) => {
    console.log('endless has begun');
    stream.write('begun');
    await new Promise(() => undefined);
  });
`;

export const FUNCTIONS = ['text', 'count', 'quota', 'miscounted', 'site', 'crash', 'bytes', 'endless'] as const;

/** Functions with several aliases, in the order in which they are made; `beta` is what was deployed last, others a version. */
export const SEVERAL_ALIASES: Readonly<Record<string, readonly string[]>> = {
  chosen: ['beta', 'live'],
  unclear: ['beta', 'stable'],
};

export const PARTNER = '222222222222';

/**
 * Synthesizes into `folder`/cdk.out. Functions are called by their name here; the role Caller may call them, Stranger not. The
 * account of a partner has another Caller, who may not, and partner-caller, who may call `text`.
 */
export function synthesizeStreams(folder: string): string {
  const code = join(folder, 'code');
  mkdirSync(code, { recursive: true });
  writeFileSync(join(code, 'index.mjs'), bundled(SOURCE));
  const app = new App({ outdir: join(folder, 'cdk.out') });
  const partner = new Stack(app, 'Partner', { env: { account: PARTNER, region: 'eu-west-1' } });
  const partners = ['Caller', 'partner-caller'].map((roleName) => {
    return new iam.Role(partner, roleName, { roleName, assumedBy: new iam.AccountRootPrincipal() });
  });
  // A helper of aws-cdk-lib, which is deployed before all others.
  new s3.Bucket(partner, 'Store', { autoDeleteObjects: true, removalPolicy: RemovalPolicy.DESTROY });
  const stack = new Stack(app, 'Streams', { env: { account: ACCOUNT, region: 'eu-west-1' } });
  const caller = new iam.Role(stack, 'Caller', { roleName: 'Caller', assumedBy: new iam.AccountRootPrincipal() });
  new iam.Role(stack, 'Stranger', { roleName: 'Stranger', assumedBy: new iam.AccountRootPrincipal() });
  for (const functionName of FUNCTIONS) {
    const fn = new StreamingFunction(stack, `Fn-${functionName}`, {
      functionName,
      code: lambda.Code.fromAsset(code),
      handler: `index.${functionName}`,
    });
    fn.streamGrants.invoke(caller);
    if (functionName === 'count') fn.exportStreamTarget();
    if (functionName === 'text' && partners[1]) fn.streamGrants.invoke(partners[1]);
  }
  for (const [functionName, aliases] of Object.entries(SEVERAL_ALIASES)) {
    const fn = new lambda.Function(stack, `Fn-${functionName}`, {
      functionName,
      runtime: lambda.Runtime.NODEJS_22_X,
      code: lambda.Code.fromAsset(code),
      handler: 'index.text',
    });
    for (const aliasName of aliases) {
      const version = aliasName === 'beta' ? fn.latestVersion : fn.currentVersion;
      new lambda.Alias(fn, aliasName, { aliasName, version });
    }
  }
  return app.synth().directory;
}

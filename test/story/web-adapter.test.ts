/** A web server as the entry of a function: synthesized, deployed here, and read by its URL. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { App, CfnOutput, Stack } from 'aws-cdk-lib/core';
import { StreamingFunction, type StreamingFunctionProps, WebAdapter } from 'cdk-lambda-streaming';
import { deployStreamTestStack } from 'cdk-lambda-streaming/testing';

const SERVER = `import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
createServer((request, response) => {
  response.writeHead(200, { 'content-type': 'text/plain' });
  if (request.url !== '/slow') return response.end();
  response.write('first ');
  // Only who has the first piece asks for the second.
  const timer = setInterval(() => {
    if (!existsSync(process.env.SIGNAL ?? '')) return;
    clearInterval(timer);
    response.end('second');
  }, 5);
}).listen(process.env.PORT);
`;
let project: string;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'web-adapter-'));
});
afterEach(() => rmSync(project, { recursive: true, force: true }));

async function served(props: Omit<StreamingFunctionProps, 'webAdapter'>, use: (url: string) => Promise<void>) {
  const app = new App({ outdir: join(project, 'cdk.out') });
  const stack = new Stack(app, 'Web', { env: { account: '111111111111', region: 'eu-west-1' } });
  const fn = new StreamingFunction(stack, 'Web', { ...props, webAdapter: WebAdapter.layer() });
  const url = fn.addStreamUrl({ authType: lambda.FunctionUrlAuthType.NONE, allowPublic: true });
  new CfnOutput(stack, 'Url', { value: url.url });
  await using deployed = await deployStreamTestStack({ assembly: app.synth().directory });
  expect(deployed.warnings).toEqual([expect.stringContaining('cdk-lambda-streaming:PublicUrl')]);
  await use(deployed.output('Web', 'Url'));
}

test('an entry that listens on a port streams from its URL', async () => {
  writeFileSync(join(project, 'server.ts'), SERVER);
  const SIGNAL = join(project, 'second');
  await served({ entry: join(project, 'server.ts'), environment: { SIGNAL } }, async (url) => {
    const response = await fetch(`${url}slow`);
    const pieces: string[] = [];
    for await (const piece of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      pieces.push(piece);
      writeFileSync(SIGNAL, '');
    }
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/plain']);
    expect(pieces).toEqual(['first ', 'second']);
  });
});

/** A web server as the entry of a function with the Lambda Web Adapter. */
import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import type { StreamingBundlingOptions } from '../../../../src/constructs/streaming-bundling-options';
import { StreamingFunction } from '../../../../src/constructs/streaming-function';
import { WebAdapter } from '../../../../src/constructs/web-adapter';
import { assetDir, assetHashes, newStack, Project, passesSince, removeProjects, settled } from '../project';

afterAll(removeProjects);

/** As an Express app would: it listens where the environment says, and streams. */
const SERVER = `
  import { createServer } from 'node:http';
  const server = createServer((_request, response) => {
    response.write('one ');
    response.end('two');
  });
  server.listen(Number(process.env.PORT), '127.0.0.1', () => console.log(JSON.stringify(server.address())));`;

const project = Project.create({ 'src/server.ts': SERVER, 'src/handler.ts': 'export const handler = () => 1;' });

const NO_HOOKS = { beforeBundling: () => [], beforeInstall: () => [], afterBundling: () => [] };

function synthServer(bundling: StreamingBundlingOptions = {}, handler?: string) {
  const stack = newStack();
  new StreamingFunction(stack, 'Web', {
    entry: project.path('src/server.ts'),
    webAdapter: WebAdapter.layer({ port: 3000 }),
    bundling,
    ...(handler !== undefined && { handler }),
  });
  return { template: Template.fromStack(stack), dir: assetDir(stack, assetHashes(stack)[0] ?? '') };
}

/** What the server answers that the script of the bundle starts, on a port of its choice. */
async function answerOf(dir: string): Promise<string> {
  const child = spawn(path.join(dir, 'run.sh'), { cwd: '/', env: { PATH: process.env['PATH'], AWS_LWA_PORT: '0' } });
  try {
    const address: string = await new Promise((resolve, reject) => {
      child.stdout.once('data', (line) => resolve(String(line)));
      child.stderr.once('data', (line) => reject(new Error(String(line))));
      child.once('error', reject);
    });
    const response = await fetch(`http://127.0.0.1:${JSON.parse(address).port}/`);
    return await response.text();
  } finally {
    child.kill();
  }
}

test.each<[string, StreamingBundlingOptions]>([
  ['a CommonJS bundle', { cache: false }],
  ['an ES module', { cache: false, format: OutputFormat.ESM }],
  ['a bundle with a source map', { cache: false, sourceMap: true }],
  ['a bundle after command hooks', { commandHooks: NO_HOOKS }],
])('a server as the entry is started by run.sh: %s', async (_name, options) => {
  const { template, dir } = synthServer(options);
  template.hasResourceProperties('AWS::Lambda::Function', {
    Handler: 'run.sh',
    Environment: { Variables: { AWS_LAMBDA_EXEC_WRAPPER: '/opt/bootstrap', AWS_LWA_PORT: '3000' } },
  });
  expect(await answerOf(dir)).toBe('one two');
});

test('the script of a bundle from the cache can be run too', async () => {
  await settled();
  synthServer();
  passesSince();
  const { dir } = synthServer();
  expect(passesSince()).toBe(0);
  expect(fs.statSync(path.join(dir, 'run.sh')).mode & 0o777).toBe(0o755);
  expect(await answerOf(dir)).toBe('one two');
});

test('a hook may bring a script of its own', () => {
  const afterBundling = (_input: string, output: string) => [`echo '#!/bin/sh' > "${output}/run.sh"`];
  const { dir } = synthServer({ commandHooks: { ...NO_HOOKS, afterBundling } });
  expect(fs.readFileSync(path.join(dir, 'run.sh'), 'utf8')).toBe('#!/bin/sh\n');
});

test('a function without the adapter has no script', () => {
  const stack = newStack();
  new StreamingFunction(stack, 'Fn', { entry: project.path('src/handler.ts') });
  Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Function', { Handler: 'index.handler' });
  expect(fs.readdirSync(assetDir(stack, assetHashes(stack)[0] ?? ''))).toEqual(['index.js']);
});

test('an exported handler behind the adapter is refused, since nobody would call it', () => {
  expect(() => synthServer({}, 'handler')).toThrow(
    "Web: with webAdapter the entry is a web server that listens on process.env.PORT, started by run.sh, which is written into the bundle; leave handler out, got 'handler'",
  );
});

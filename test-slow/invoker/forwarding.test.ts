/** The recipes of docs/invoker.md in the frameworks themselves: a function, a route that passes it on, a fetcher behind it. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { streamContract } from 'cdk-lambda-streaming/contract';
import { streamFetcher } from 'cdk-lambda-streaming/fetcher';
import { z } from 'zod';
import { rejection } from '../../test/invoker/read-stream';
import { type LocalLambda, startLocalLambda } from '../../test/local/operations/local-lambda';
import { bundled } from '../../test/web/support/web-function';
import { recipeFor } from './recipe-for';

const PACKAGES = ['@hono/node-server@1.19.5', 'express@5.3.0', 'fastify@5.12.8', 'hono@4.13.19'];

const FUNCTION = `import { unchecked } from './src/contract';
const counting = streamContract({ format: 'ndjson', final: unchecked() });
export const handler = streamHandler(counting, async function* ({ fails }, ctx) {
  const exceeded = () => ctx.error('QuotaExceeded', 'no quota is left', { data: { quota: 7 }, statusCode: 429 });
  if (fails === 'first') throw exceeded();
  yield { n: 0 };
  yield { n: 1 };
  if (fails === 'later') throw exceeded();
  if (fails === 'crash') process.exit(1);
  return { total: 2 };
});`;

const INVOKER = `import { streamInvoker } from './src/invoker';
  const credentials = { accessKeyId: 'AKIATEST', secretAccessKey: 'secret-of-the-test' };
  const clientConfig = { endpoint: process.env.ENDPOINT, region: 'eu-west-1', credentials };
  const invoker = streamInvoker(streamContract({ format: 'ndjson' }), { functionName: process.env.NAME, clientConfig });`;

/** A server around each recipe that prints its port. */
const SERVERS: Readonly<Record<string, (recipe: string) => string>> = {
  Express: (recipe) => `import express from 'express';
    const app = express();
    app.use(express.json());
    app.post('/', async (req, res) => { ${recipe} });
    const server = app.listen(0, '127.0.0.1', () => console.log(server.address().port));`,
  Fastify: (recipe) => `import fastify from 'fastify';
    const app = fastify();
    app.post('/', async (request, reply) => { ${recipe} });
    await app.listen({ host: '127.0.0.1', port: 0 });
    console.log(app.server.address().port);`,
  Hono: (recipe) => `import { Hono } from 'hono'; import { serve } from '@hono/node-server';
    const app = new Hono();
    app.post('/', async (c) => { ${recipe} });
    serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => console.log(port));`,
};

const counting = streamContract({
  format: 'ndjson',
  input: z.object({ fails: z.enum(['never', 'first', 'later', 'crash']) }),
  chunk: z.object({ n: z.number() }),
  final: z.object({ total: z.number() }),
  error: z.object({ quota: z.number() }),
});

let folder: string;
let lambda: LocalLambda;
let name: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'forwarding-'));
  writeFileSync(join(folder, 'package.json'), '{ "name": "forwarding", "private": true }\n');
  const flags = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
  execFileSync('npm', ['install', ...flags, ...PACKAGES], { cwd: folder, stdio: 'inherit' });
  lambda = await startLocalLambda();
  name = lambda.define(bundled(FUNCTION)).functionName;
});
afterAll(async () => {
  await lambda.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe.each(Object.entries(SERVERS))('behind a route of %s', (framework, serverOf) => {
  let server: ChildProcess;
  let url: string;
  beforeAll(async () => {
    const program = join(folder, `${framework}.mjs`);
    const external = ['express', 'fastify', 'hono', '@hono/node-server'];
    writeFileSync(program, bundled(`${INVOKER}\n${serverOf(recipeFor(framework))}`, [], external));
    const env = { ...process.env, ENDPOINT: lambda.url, NAME: name };
    server = spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'ignore'] });
    url = await new Promise((resolve, reject) => {
      server.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
      server.stdout?.once('data', (port) => resolve(`http://127.0.0.1:${String(port).trim()}/`));
    });
  });
  afterAll(() => server.kill());

  const open = (fails: 'never' | 'first' | 'later' | 'crash') =>
    streamFetcher(counting, { url, sign: 'none' }).invoke({ fails });

  test('a whole stream is whole, with its final', async () => {
    const { chunks, final } = await (await open('never')).collect();
    expect([chunks, final]).toEqual([[{ n: 0 }, { n: 1 }], { total: 2 }]);
  });

  const exceeded = { code: 'REMOTE', errorType: 'QuotaExceeded', data: { quota: 7 } };

  test("an error before the first chunk arrives typed, with the error's status", async () => {
    expect(await rejection(open('first').then((stream) => stream.collect()))).toMatchObject({ ...exceeded, chunks: 0 });
    const plain = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ fails: 'first' }),
    });
    expect(plain.status).toBe(429);
    await plain.body?.cancel();
  });

  test('an error between chunks arrives typed', async () => {
    const error = await rejection((await open('later')).collect());
    expect(error).toMatchObject({ ...exceeded, chunks: 2 });
  });

  test('a crash is never taken for the end', async () => {
    const error = await rejection((await open('crash')).collect());
    expect(error).toMatchObject({ code: expect.stringMatching(/^(TRANSPORT|TRUNCATED)$/) });
  });

  test('the route answers again', async () => {
    expect((await (await open('never')).collect()).final).toEqual({ total: 2 });
  });
});

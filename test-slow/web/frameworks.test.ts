/** The acceptance table for apps of the usual frameworks, installed at fixed versions in a project of their own. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { payload2 } from '../../src/testing/conformance/events';
import { differenceOf } from '../../src/testing/conformance/expected';
import { type ConformanceBench, rowsFor, startBench } from '../../src/testing/conformance/run-conformance';
import { bundled } from '../../test/web/support/web-function';

const PACKAGES = [
  '@nestjs/common@11',
  '@nestjs/core@11',
  '@nestjs/platform-express@11',
  'express@5.3.0',
  'fastify@5.12.8',
  'hono@4.13.19',
  'koa@3',
  'reflect-metadata@0.2.2',
  'rxjs@7',
];

/** A framework around the app of the table, and whether it sees it as a fetch function or as a listener. */
const FRAMEWORKS: Readonly<Record<string, readonly ['fetch' | 'node', string]>> = {
  hono: [
    'fetch',
    `import { Hono } from 'hono'; import { conformanceApp } from './src/testing/conformance/fetch-app';
     const app = new Hono(); app.all('*', (c) => conformanceApp(c.req.raw)); app.onError((error) => { throw error; });
     export const handler = webHandler(app.fetch);`,
  ],
  express: [
    'node',
    `import express from 'express'; import { conformanceListener } from './src/testing/conformance/node-app';
     process.env.NODE_ENV = 'production';
     const app = express(); app.set('x-powered-by', false); app.use(conformanceListener);
     app.use((error, request, response, next) => { throw error; });
     export const handler = nodeHandler(app);`,
  ],
  fastify: [
    'node',
    `import fastify from 'fastify'; import { conformanceListener } from './src/testing/conformance/node-app';
     const app = fastify({ exposeHeadRoutes: false });
     app.removeAllContentTypeParsers(); app.addContentTypeParser('*', (request, payload, done) => done(null));
     app.all('/*', (request, reply) => { reply.hijack(); return conformanceListener(request.raw, reply.raw).catch((error) => reply.raw.destroy(error)); });
     export const handler = nodeHandler(app.ready().then(() => app.server));`,
  ],
  koa: [
    'node',
    `import Koa from 'koa'; import { conformanceListener } from './src/testing/conformance/node-app';
     const app = new Koa(); app.silent = true;
     app.use(async (ctx) => { ctx.respond = false; await conformanceListener(ctx.req, ctx.res); });
     export const handler = nodeHandler(app.callback());`,
  ],
  nest: [
    'node',
    `import 'reflect-metadata'; import { Module } from '@nestjs/common'; import { NestFactory } from '@nestjs/core';
     import { conformanceListener } from './src/testing/conformance/node-app';
     class Root {} Module({})(Root);
     const start = async () => {
       const app = await NestFactory.create(Root, { logger: false, bodyParser: false });
       app.use((request, response, next) => conformanceListener(request, response).catch(next));
       await app.init();
       return app.getHttpAdapter().getInstance();
     };
     export const handler = nodeHandler(start());`,
  ],
};

/** Rows on an app that throws before it answers. */
const THROWING = [44, 45];

/** What answers an error by a page of its own. */
const HAVE_ERROR_PAGES = ['express', 'koa', 'nest'];

/** The page is the framework's: it has its status, and in production nothing of the error. */
async function errorPageProblem({ handler }: ConformanceBench): Promise<string | undefined> {
  const page = await handler.invoke(payload2('/is/throwing'));
  const problem = differenceOf(page, { status: 500, body: /^(?!.*secret)./s });
  return problem ?? differenceOf(await handler.invoke(payload2('/echo')), { status: 200 });
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'web-frameworks-'));
  writeFileSync(join(folder, 'package.json'), '{ "name": "frameworks", "private": true }\n');
  const flags = ['--no-audit', '--no-fund', '--ignore-scripts', '--save-exact', '--loglevel=error'];
  execFileSync('npm', ['install', ...flags, ...PACKAGES], { cwd: folder, stdio: 'inherit' });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(Object.entries(FRAMEWORKS))('%s', async (name, [kind, source]) => {
  const place = join(folder, name);
  mkdirSync(place);
  writeFileSync(
    join(place, 'index.mjs'),
    bundled(
      source,
      [],
      PACKAGES.map((name) => name.replace(/@[^@]*$/, '')),
    ),
  );
  const bench = startBench(join(place, 'index.mjs'));
  try {
    const problems: Record<string, string> = {};
    for (const { id, name: row, run } of rowsFor(kind)) {
      const hasPage = THROWING.includes(id) && HAVE_ERROR_PAGES.includes(name);
      const problem = await (hasPage ? errorPageProblem(bench) : run(bench));
      if (problem) problems[`${id} ${row}`] = problem;
    }
    expect(problems).toEqual({});
  } finally {
    await bench.stop();
  }
});

test('an error in streamSSE() of Hono is told by its onError, else it is silent', async () => {
  const source = `import { Hono } from 'hono'; import { streamSSE } from 'hono/streaming';
    const app = new Hono();
    const write = async (stream) => { await stream.writeSSE({ data: '1' }); throw new Error('secret'); };
    app.get('/told', (c) => streamSSE(c, write, async (error) => c.env.fail(error)));
    app.get('/silent', (c) => streamSSE(c, write));
    export const handler = webHandler(app.fetch);`;
  const place = join(folder, 'hono-events');
  mkdirSync(place);
  writeFileSync(join(place, 'index.mjs'), bundled(source, [], ['hono', 'hono/streaming']));
  const bench = startBench(join(place, 'index.mjs'));
  try {
    const told = { status: 200, body: /^data: 1\n\n\n\nevent: error\ndata: (?!.*secret)[^\n]+\n\n$/, fails: true };
    expect(differenceOf(await bench.handler.invoke(payload2('/told')), told)).toBeUndefined();
    const silent = { status: 200, body: 'data: 1\n\n: $stream end\n\n' };
    expect(differenceOf(await bench.handler.invoke(payload2('/silent')), silent)).toBeUndefined();
  } finally {
    await bench.stop();
  }
});

/** The adapters that the benches compare, each in the way its documentation shows for streaming functions. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';

export interface Adapter {
  /** What it adapts: a fetch function or a listener of Node.js, in scope as `app`. */
  readonly kind: 'fetch' | 'node';
  /** What a bundle holds of it. */
  readonly imports: string;
  readonly handler: string;
  /** In its place where costs are measured: a route of its framework, where `app` would cost more. */
  readonly hello?: string;
  /** The framework it works through. Who takes the adapter has that anyway, so it is no part of the adapter's size. */
  readonly framework?: string;
  /** The rows that are its own work, where it leaves the others to its user. */
  readonly rows?: string;
}

const MIDDY_ROWS = '1-16,34-60';

const FASTIFY_STREAM = `const proxy = awsLambdaFastify(server, { payloadAsStream: true });
  export const handler = awslambda.streamifyResponse(async (event, responseStream, context) => {
    const { meta, stream } = await proxy(event, context);
    await pipeline(stream, awslambda.HttpResponseStream.from(responseStream, meta));
  });`;

/** By the name of its package, or of ours. */
export const ADAPTERS: Readonly<Record<string, Adapter>> = {
  webHandler: {
    kind: 'fetch',
    imports: `import { webHandler } from './src/web';`,
    handler: 'export const handler = webHandler(app);',
  },
  nodeHandler: {
    kind: 'node',
    imports: `import { nodeHandler } from './src/web';`,
    handler: 'export const handler = nodeHandler(app);',
  },
  hono: {
    kind: 'fetch',
    imports: `import { streamHandle } from 'hono/aws-lambda';`,
    handler: 'export const handler = streamHandle({ fetch: app });',
  },
  srvx: {
    kind: 'fetch',
    imports: `import { handleLambdaEventWithStream } from 'srvx/aws-lambda';`,
    handler: `export const handler = awslambda.streamifyResponse((event, stream, context) =>
      handleLambdaEventWithStream(app, event, stream, context));`,
  },
  '@aws-lambda-powertools/event-handler': {
    kind: 'fetch',
    imports: `import { Router, streamify } from '@aws-lambda-powertools/event-handler/http';`,
    handler: `const router = new Router();
      router.route(({ req }) => app(req), { method: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'], path: /.*/ });
      export const handler = streamify(router);`,
  },
  '@middy/core': {
    kind: 'fetch',
    imports: `import middy from '@middy/core';`,
    // It has no request of the web: these lines are the bench's.
    handler: `const requestOf = ({ requestContext: { http, domainName }, httpMethod, rawPath, path, rawQueryString, headers, body, isBase64Encoded }) =>
        new Request('https://' + (domainName ?? 'h') + (rawPath ?? path) + (rawQueryString ? '?' + rawQueryString : ''),
          { method: http?.method ?? httpMethod, headers, body: body ? Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8') : undefined });
      export const handler = middy({ streamifyResponse: true }).handler(async (event) => {
        const { status, headers, body } = await app(requestOf(event));
        const cookies = headers.getSetCookie();
        const others = Object.fromEntries([...headers].filter(([name]) => name !== 'set-cookie'));
        return { statusCode: status, headers: others, cookies, body: body ?? '' };
      });`,
    rows: MIDDY_ROWS,
  },
  '@fastify/aws-lambda': {
    kind: 'fetch',
    imports: `import awsLambdaFastify from '@fastify/aws-lambda';`,
    framework: 'fastify',
    // A reply may be a `Response`. What is a `Request` of it is the bench's.
    handler: `import fastify from 'fastify'; import { pipeline } from 'node:stream/promises';
      const server = fastify({ exposeHeadRoutes: false, trustProxy: true });
      server.removeAllContentTypeParsers();
      server.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body, done) => done(null, body));
      server.all('/*', ({ protocol, host, method, headers, body, raw }) =>
        app(new Request(protocol + '://' + (host || 'h') + raw.url, { method, headers, body: /^(GET|HEAD)$/.test(method) ? undefined : body })));
      ${FASTIFY_STREAM}`,
    hello: `import fastify from 'fastify'; import { pipeline } from 'node:stream/promises';
      const server = fastify();
      server.get('/', (request, reply) => reply.type('text/plain').send('hello'));
      ${FASTIFY_STREAM}`,
  },
  '@h4ad/serverless-adapter': {
    kind: 'node',
    imports: `import { ServerlessAdapter } from '@h4ad/serverless-adapter';
      import { AlbAdapter, ApiGatewayV1Adapter, ApiGatewayV2Adapter } from '@h4ad/serverless-adapter/adapters/aws';
      import { AwsStreamHandler } from '@h4ad/serverless-adapter/handlers/aws';
      import { DummyResolver } from '@h4ad/serverless-adapter/resolvers/dummy';
      import { ExpressFramework } from '@h4ad/serverless-adapter/frameworks/express';`,
    framework: 'express',
    handler: `import express from 'express';
      process.env.NODE_ENV = 'production';
      const server = express(); server.set('x-powered-by', false); server.use(app);
      export const handler = ServerlessAdapter.new(server).setFramework(new ExpressFramework()).setHandler(new AwsStreamHandler())
        .setResolver(new DummyResolver()).addAdapter(new ApiGatewayV2Adapter()).addAdapter(new ApiGatewayV1Adapter())
        .addAdapter(new AlbAdapter()).build();`,
  },
  'serverless-http': {
    kind: 'node',
    imports: `import serverless from 'serverless-http';`,
    // Buffered: it has no other form.
    handler: 'export const handler = serverless(app);',
  },
};

/** What the command line asks for, all where it names none. */
export function chosenAdapters(names: readonly string[]): [name: string, adapter: Adapter][] {
  const unknown = names.find((name) => ADAPTERS[name] === undefined);
  if (unknown !== undefined) {
    throw new Error(`there is no adapter '${unknown}' here; there are ${Object.keys(ADAPTERS).join(', ')}`);
  }
  return Object.entries(ADAPTERS).filter(([name]) => names.length === 0 || names.includes(name));
}

/** `source` as a function's bundler makes it: minified, with all but `external` inside. */
export function bundled(source: string, format: 'cjs' | 'esm', external: readonly string[] = []): string {
  const { outputFiles } = buildSync({
    stdin: { contents: source, resolveDir: join(__dirname, '../..'), loader: 'ts' },
    bundle: true,
    minify: true,
    format,
    platform: 'node',
    target: 'node20',
    external: [...external],
    nodePaths: [join(__dirname, 'node_modules')],
    logLevel: 'error',
    write: false,
  });
  return outputFiles[0]?.text ?? '';
}

export function versionOf(name: string): string {
  const { dependencies } = JSON.parse(readFileSync(join(__dirname, 'package.json'), 'utf8')) as {
    dependencies: Readonly<Record<string, string>>;
  };
  return dependencies[name] ?? 'this';
}

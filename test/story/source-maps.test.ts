/** Where the error of a bundled handler says that it arose. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as lambdaNodejs from 'aws-cdk-lib/aws-lambda-nodejs';
import { App, Stack } from 'aws-cdk-lib/core';
import { type StreamingBundlingOptions, StreamingFunction } from 'cdk-lambda-streaming';
import { streamContract } from 'cdk-lambda-streaming/contract';
import { type StreamError, streamInvoker } from 'cdk-lambda-streaming/invoker';
import { deployStreamTestStack } from 'cdk-lambda-streaming/testing';
import { rejection } from '../invoker/read-stream';

const SHOP = `interface Order {
  readonly id: number;
}

export function charge({ id }: Order): never {
  throw new TypeError(\`no money for order \${id}\`);
}
`;
const HANDLER = `import { charge } from './shop';

declare const awslambda: { streamifyResponse(handler: (event: { readonly later: boolean }) => Promise<void>): unknown };

export const handler = awslambda.streamifyResponse(async ({ later }) => {
  if (!later) charge({ id: 7 });
  setTimeout(() => charge({ id: 7 }));
  await new Promise(() => setInterval(() => undefined, 1_000));
});
`;

let project: string;
beforeEach(() => {
  project = mkdtempSync(join(realpathSync(tmpdir()), 'source-maps-'));
  mkdirSync(join(project, 'src'));
  writeFileSync(join(project, 'package.json'), '{ "name": "shop" }');
  writeFileSync(join(project, 'src', 'shop.ts'), SHOP);
  writeFileSync(join(project, 'src', 'handler.ts'), HANDLER);
});
afterEach(() => rmSync(project, { recursive: true, force: true }));

async function errorOf(
  bundling: StreamingBundlingOptions,
  event: { readonly later: boolean },
  { logs, environment = {} }: { readonly logs?: 'tail'; readonly environment?: Record<string, string> } = {},
): Promise<StreamError> {
  const app = new App({ outdir: join(project, 'cdk.out') });
  const stack = new Stack(app, 'Shop', { env: { account: '111111111111', region: 'eu-west-1' } });
  new StreamingFunction(stack, 'Fn', {
    entry: join(project, 'src/handler.ts'),
    bundling,
    environment,
    functionName: 'shop',
  });
  const deployed = await deployStreamTestStack({ assembly: app.synth().directory });
  const invoker = streamInvoker(streamContract({ format: 'ndjson' }), {
    functionName: 'shop',
    clientConfig: deployed.clientConfig(),
    ...(logs && { logs }),
  });
  try {
    return (await rejection(invoker.invoke(event).then((stream) => stream.result))) as StreamError;
  } finally {
    invoker.close();
    await deployed.stop();
  }
}

test.each<[string, StreamingBundlingOptions]>([
  ['beside the bundle', { sourceMap: true }],
  ['inside it', { sourceMapMode: lambdaNodejs.SourceMapMode.INLINE }],
  ['of a minified ES module', { sourceMap: true, minify: true, format: lambdaNodejs.OutputFormat.ESM }],
])('with a source map %s, file and line are those of the source', async (_, bundling) => {
  const thrown = await errorOf(bundling, { later: false });
  expect(thrown.message).toMatch(/at charge \(\/\S+\/src\/shop\.ts:6:9\)","\s+at [^"]*\/src\/handler\.ts:6:15\)/);
  expect(thrown.message).toContain(`at charge (${project}/src/shop.ts:6:9)`);
  const uncaught = await errorOf(bundling, { later: true });
  expect(uncaught.message).toMatch(
    /\n {2}\| TypeError: no money for order 7\n {2}\| {5}at charge \(\/\S+\/src\/shop\.ts:6:9\)\n/,
  );
});

test('the invoker that asks for the log tail tells the place in its own words', async () => {
  const error = await errorOf({ sourceMap: true }, { later: false }, { logs: 'tail' });
  expect(error.message).toMatch(/^[^\n]+TypeError: no money for order 7 \([^\n]+; at \/\S+\/src\/shop\.ts:6:9\)$/);
});

test.each<[string, StreamingBundlingOptions, Record<string, string>]>([
  ['there is no source map', {}, {}],
  ['the function wants none', { sourceMap: true }, { NODE_OPTIONS: '--no-enable-source-maps' }],
])('where %s, they are those of the bundle', async (_, bundling, environment) => {
  const { message } = await errorOf(bundling, { later: false }, { environment });
  expect(message).toMatch(/at charge \(\/\S+\/index\.js:\d+:9\)/);
});

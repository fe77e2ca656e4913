/**
 * Serves the page from one loopback port and the function from another, as on the web: two origins.
 *
 *   npm run example:browser
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLocal } from 'cdk-lambda-streaming/local';
import { build } from 'esbuild';
import { defineApp } from './app';

export interface Example {
  /** Address of the page. */
  readonly url: string;
  stop(): Promise<void>;
}

export async function serveExample(port = 0): Promise<Example> {
  const folder = mkdtempSync(join(tmpdir(), 'browser-stream-'));
  const local = await startLocal();
  const page = await bundlePage();
  const visit = () => {
    const { Url: url, VisitorRoleArn: as = '' } = local.outputs('BrowserStream');
    const { region, credentials } = local.clientConfig({ as });
    return JSON.stringify({ url, region, credentials });
  };
  const files: Readonly<Record<string, readonly [type: string, content: () => string | Uint8Array]>> = {
    '/': ['text/html; charset=utf-8', () => readFileSync(join(__dirname, 'index.html'))],
    '/page.js': ['text/javascript', () => page],
    '/visit.json': ['application/json', visit],
  };
  const server = createServer((request, response) => {
    const [type, content] = files[request.url ?? ''] ?? [];
    if (type === undefined || content === undefined) return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' }).end(content());
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await local.deploy(defineApp(url, folder).synth().directory);
  const stop = async () => {
    server.closeAllConnections();
    await Promise.all([new Promise((resolve) => server.close(resolve)), local.stop()]);
    rmSync(folder, { recursive: true, force: true });
  };
  return { url, stop };
}

async function bundlePage(): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [join(__dirname, 'page.mts')],
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    sourcemap: 'inline',
  });
  return outputFiles[0]?.contents ?? new Uint8Array();
}

if (require.main === module) {
  console.log('Deploying the function to this machine …');
  void serveExample().then(({ url, stop }) => {
    console.log(`Open this page: ${url}\nEnd with Ctrl-C.`);
    for (const event of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.once(event, () => void stop().then(() => console.log('\nStopped; nothing is left.')));
    }
  });
}

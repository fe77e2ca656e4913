/**
 * Serves the page from one loopback port and the function from another, as on the web: two origins.
 *
 *   npm run example:chat
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { build } from 'esbuild';
import { serveExamples } from '../serve';

export interface PageServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** @param chatUrl where the function answers */
export async function servePage(chatUrl: string): Promise<PageServer> {
  const { outputFiles } = await build({
    entryPoints: [join(__dirname, 'page/page.tsx')],
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    define: { CHAT_URL: JSON.stringify(chatUrl), 'process.env.NODE_ENV': '"production"' },
  });
  const html =
    '<!doctype html><html lang="en"><title>Chat</title><div id="root"></div><script type="module" src="page.js"></script>';
  const files: Readonly<Record<string, readonly [type: string, content: string | Uint8Array]>> = {
    '/': ['text/html; charset=utf-8', html],
    '/page.js': ['text/javascript', outputFiles[0]?.contents ?? ''],
  };
  const server = createServer(({ url = '' }, response) => {
    const [type, content] = files[url] ?? [];
    if (type === undefined) return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': type }).end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

if (require.main === module) {
  void serveExamples(['ai-sdk-chat']).then(async ({ local, stop }) => {
    const page = await servePage(local.outputs('AiSdkChat').Url ?? '');
    console.log(`Open this page: ${page.url}\nEnd with Ctrl-C.`);
    const end = () => void Promise.all([page.stop(), stop()]);
    for (const event of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(event, end);
  });
}

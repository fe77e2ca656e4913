/** Silence that is longer than the fetch of Node.js allows by itself, in a process whose dispatcher allows 0.3 s of it. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildSync } from 'esbuild';

const PROGRAM = `
  import { streamContract } from './src/contract';
  import { streamFetcher } from './src/fetcher';
  const { Headers: loaded } = globalThis;
  const key = Symbol.for('undici.globalDispatcher.1');
  const { constructor: Agent } = globalThis[key];
  globalThis[key] = new Agent({ headersTimeout: 300, bodyTimeout: 300 });
  const [url, own] = process.argv.slice(2);
  const fetch = own === 'own' ? { fetch: (...request) => globalThis.fetch(...request) } : {};
  const fetcher = streamFetcher(streamContract({ format: 'ndjson' }), { url, sign: 'none', retry: false, ...fetch });
  fetcher.invoke({}).then((stream) => stream.collect()).then(
    ({ chunks }) => console.log(JSON.stringify({ chunks })),
    ({ code, kind, phase, limitMs, message }) => console.log(JSON.stringify({ code, kind, phase, limitMs, message })),
  );
`;

let folder: string;
let program: string;
let server: Server;
/** How long the server is silent, in milliseconds. */
let silences: { headers: number; body: number };
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'silence-'));
  program = join(folder, 'program.mjs');
  const stdin = { contents: PROGRAM, resolveDir: process.cwd() };
  buildSync({ stdin, bundle: true, platform: 'node', format: 'esm', outfile: program });
  server = createServer((request, response) => {
    request.resume();
    const { headers, body } = silences;
    setTimeout(() => {
      response.writeHead(200, { 'content-type': 'application/x-ndjson' }).write('1\n');
      setTimeout(() => response.end('{"$stream":{"end":{"chunks":1}}}\n'), body);
    }, headers);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function read(whose: 'own' | 'platform'): Promise<unknown> {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const { stdout } = await promisify(execFile)(process.execPath, [program, url, whose]);
  return JSON.parse(stdout);
}

// The timers of undici count in steps of about a second.
const LONG = 3_000;

test.each([
  { headers: LONG, body: 0 },
  { headers: 0, body: LONG },
])('the fetch of the platform waits as long as the timeouts say: %j', async (given) => {
  silences = given;
  expect(await read('platform')).toEqual({ chunks: [1] });
});

test.each([
  [
    { headers: LONG, body: 0 },
    { kind: 'headers', phase: 'request' },
  ],
  [
    { headers: 0, body: LONG },
    { kind: 'idle', phase: 'streaming' },
  ],
])('a fetch of the caller that gives up by itself is a TIMEOUT with the remedy: %j', async (given, expected) => {
  silences = given;
  const advice = expect.stringContaining('new Agent({ headersTimeout: 0, bodyTimeout: 0 })');
  expect(await read('own')).toMatchObject({ code: 'TIMEOUT', limitMs: 300_000, message: advice, ...expected });
});

/**
 * Stock clients of AI protocols read streams that fail at every place, behind a function URL of the local target: none
 * of them may take a part for the whole. The clients are installed at fixed versions in a project of their own.
 */
import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startWebFunctions, type WebFunctions } from '../../test/web/support/web-function';

const PACKAGES = [
  '@ag-ui/client@1.0.0',
  '@ai-sdk/openai@3.0.141',
  '@anthropic-ai/sdk@1.14.0',
  '@modelcontextprotocol/sdk@1.32.2',
  '@trpc/client@11.25.2',
  '@trpc/server@11.25.2',
  'ai@6.0.326',
  'eventsource@4.1.1',
  'openai@6.49.0',
  'zod@4.6.7',
];

/** Places where each stream is cut, beside the ends of its events. */
const PLACES = 24;

/** A path is /<protocol>/<how>/<at>/…: the app sends as many bytes, and then fails in the way that is said. */
const APP = `
  import { initTRPC } from '@trpc/server';
  import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
  import { modelHeaders, modelPieces } from './src/testing/model-protocols';
  const tokens = ['The ', 'stream ', 'went ', 'well', '…'];
  const rpc = (id) => 'event: message\\\\ndata: ' + JSON.stringify({ jsonrpc: '2.0', id, result: { content: [{ type: 'text', text: tokens.join('') }] } }) + '\\\\n\\\\n';
  const t = initTRPC.create();
  const router = t.router({ words: t.procedure.query(async function* () { yield* tokens; }) });
  const trpc = async (req, endpoint) => {
    const response = await fetchRequestHandler({ endpoint, req, router });
    return [Buffer.from(await response.arrayBuffer()), Object.fromEntries(response.headers)];
  };
  const bytesOf = (protocol, id) => Buffer.concat(
    (protocol === 'mcp' ? [rpc(id)] : modelPieces(protocol, tokens)).map((piece) => Buffer.from(piece)));
  const headersOf = (protocol) => protocol === 'mcp' ? { 'content-type': 'text/event-stream' } : modelHeaders(protocol);
  async function mcp(request) {
    if (request.method !== 'POST') return [new Response(null, { status: 405 })];
    const { id, method, params } = await request.json();
    if (id === undefined) return [new Response(null, { status: 202 })];
    if (method === 'tools/call') return [undefined, id];
    const result = method === 'initialize'
      ? { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 's', version: '1' } }
      : { tools: [{ name: 'say', inputSchema: { type: 'object' } }] };
    return [Response.json({ jsonrpc: '2.0', id, result })];
  }
  export const handler = webHandler(async (request) => {
    const [, protocol, how, at] = new URL(request.url).pathname.split('/');
    if (how === 'places') {
      const bytes = bytesOf(protocol === 'trpc' ? 'openai-chat' : protocol, 1).subarray(0, protocol === 'trpc' ? 180 : undefined);
      const ends = [...bytes.toString('latin1').matchAll(/\\\\n\\\\n/g)].map(({ index }) => index + 2);
      const even = Array.from({ length: Number(at) }, (_, n) => Math.round((n * bytes.length) / Number(at)));
      return Response.json({ places: [...new Set([...even, ...ends, bytes.length - 2, bytes.length - 1])].filter((n) => n < bytes.length).sort((a, b) => a - b) });
    }
    let id = 1;
    if (protocol === 'mcp') {
      const [response, given] = await mcp(request);
      if (response) return response;
      id = given;
    }
    const [bytes, headers] = protocol === 'trpc' ? await trpc(request, ['', protocol, how, at].join('/')) : [bytesOf(protocol, id), headersOf(protocol)];
    const end = at === 'whole' ? bytes.length : Number(at);
    return new Response(new ReadableStream({
      start: (controller) => { if (end > 0) controller.enqueue(bytes.subarray(0, end)); },
      async pull(controller) {
        if (at === 'whole' || how === 'end') return controller.close();
        // What was sent is on its way before the failure, as it is where a model breaks down.
        await new Promise((resolve) => setTimeout(resolve, 5));
        if (how === 'exit') process.exit(1);
        controller.error(new Error('the model broke down'));
      },
    }), { headers });
  });`.replaceAll('\\\\', '\\');

interface Read {
  readonly name: string;
  readonly at: number | 'whole';
  readonly outcome: 'whole' | 'threw' | 'silent';
  readonly detail?: string;
}

let folder: string;
let lambda: WebFunctions;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'web-clients-'));
  writeFileSync(join(folder, 'package.json'), '{ "name": "clients", "private": true, "type": "module" }\n');
  copyFileSync(join(__dirname, 'clients/run.mjs'), join(folder, 'run.mjs'));
  const flags = ['--no-audit', '--no-fund', '--ignore-scripts', '--save-exact', '--loglevel=error'];
  execFileSync('npm', ['install', ...flags, ...PACKAGES], { cwd: folder, stdio: 'inherit' });
  lambda = await startWebFunctions();
});
afterAll(async () => {
  await lambda?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A front end that ends a response well whose source was cut: what a client meets where nobody tells it of the cut. */
async function startGentleFrontEnd(url: string): Promise<Server> {
  const server = createServer((incoming, outgoing) => {
    const { method, headers } = incoming;
    const onward = request(url + (incoming.url ?? ''), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      outgoing.flushHeaders();
      answer.on('data', (piece) => outgoing.write(piece));
      answer.on('error', () => outgoing.end());
      answer.on('end', () => outgoing.end());
    });
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

async function readAll(url: string, how: 'error' | 'exit'): Promise<Read[]> {
  const child = spawn(process.execPath, ['run.mjs', url, how, String(PLACES)], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const reads: Read[] = [];
  for await (const line of createInterface(child.stdout)) {
    if (line.startsWith('{"name"')) reads.push(JSON.parse(line) as Read);
  }
  return reads;
}

function expectNoSilence(reads: readonly Read[]): void {
  const whole = reads.filter(({ at }) => at === 'whole');
  expect(whole.filter(({ outcome }) => outcome !== 'whole')).toEqual([]);
  expect(whole).toHaveLength(13);
  const cut = reads.filter(({ at }) => at !== 'whole');
  expect(cut.filter(({ outcome }) => outcome === 'silent')).toEqual([]);
  expect(cut.length).toBeGreaterThanOrEqual(300);
  // Each client threw at some place; what is whole although it was cut had all of its events.
  for (const { name } of whole) expect(cut.some((read) => read.name === name && read.outcome === 'threw')).toBe(true);
}

test('no client takes a stream that failed for a whole one where the connection is cut', async () => {
  expectNoSilence(await readAll(lambda.serve(APP, {}, [join(folder, 'node_modules')]), 'error'));
});

test('nor where the connection ends well: the events at the end of the stream say it', async () => {
  const gentle = await startGentleFrontEnd(lambda.serve(APP, {}, [join(folder, 'node_modules')]));
  try {
    expectNoSilence(await readAll(`http://127.0.0.1:${(gentle.address() as AddressInfo).port}`, 'error'));
  } finally {
    gentle.closeAllConnections();
    gentle.close();
  }
});

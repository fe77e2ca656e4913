/**
 * Stock clients of AI protocols read streams that fail at every place: none of them may take a part for the whole.
 * Streams whose source fails are told by their last events; a process that dies tells nothing, and the fetches of this
 * package find out. The clients are installed at fixed versions in a project of their own.
 */
import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { bundled, startWebFunctions, type WebFunctions } from '../../test/web/support/web-function';

const PACKAGES = [
  '@ag-ui/client@1.0.0',
  '@ai-sdk/openai@3.0.141',
  '@anthropic-ai/sdk@1.14.0',
  '@modelcontextprotocol/client@2.4.0',
  '@modelcontextprotocol/sdk@1.32.2',
  '@trpc/client@11.25.2',
  '@trpc/server@11.25.2',
  'ai@6.0.326',
  'ai7@npm:ai@7.0.173',
  'eventsource@4.1.1',
  'openai@6.49.0',
  'zod@4.6.7',
];

const CLIENTS = [
  'ai 6 useChat',
  'ai 7 useChat',
  'openai chat, iterated',
  'openai chat, final',
  'openai responses, iterated',
  'openai responses, final',
  'anthropic, iterated',
  'anthropic, final',
  'ai streamText on openai chat',
  'ai streamText on openai responses',
  'ag-ui',
  'mcp 1',
  'mcp 2',
  'trpc jsonl',
  'trpc subscription',
  'EventSource',
];

/** A path is /<protocol>/<how>/<at>/…: the app sends as many bytes, and then fails in the way that is said. */
const APP = `
  import { initTRPC } from '@trpc/server';
  import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
  import { modelHeaders, modelPieces } from './src/testing/model-protocols';
  const tokens = ['The ', 'stream ', 'went ', 'well', '…'];
  const rpc = (id) => 'event: message\\\\ndata: ' + JSON.stringify({ jsonrpc: '2.0', id, result: { content: [{ type: 'text', text: tokens.join('') }] } }) + '\\\\n\\\\n';
  const t = initTRPC.create();
  const router = t.router({
    words: t.procedure.query(async function* () { yield* tokens; }),
    said: t.procedure.subscription(async function* () { yield* tokens; }),
  });
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
    const { origin, pathname } = new URL(request.url);
    const [, protocol, how, at, failure] = pathname.split('/');
    if (how === 'places') {
      const [bytes] = protocol.startsWith('trpc')
        ? await trpc(new Request(origin + (protocol === 'trpc' ? '/words?batch=1' : '/said'), { headers: { 'trpc-accept': protocol === 'trpc' ? 'application/jsonl' : '' } }), '')
        : [bytesOf(protocol, 1)];
      const all = [...bytes.toString('latin1').matchAll(/\\\\n\\\\n/g)].map(({ index }) => index + 2);
      // Each process that dies has a cold start after it: the first event, one in the middle and the last ones; the very last is the whole.
      const dies = (n) => n === 0 || n === all.length >> 1 || n > all.length - 4;
      const ends = failure === 'exit' ? all.filter((_, n) => dies(n)) : all;
      const even = Array.from({ length: Number(at) }, (_, n) => Math.round((n * bytes.length) / Number(at)));
      return Response.json({ places: [...new Set([...even, ...ends, bytes.length - 2, bytes.length - 1])].filter((n) => n < bytes.length).sort((a, b) => a - b) });
    }
    let id = 1;
    if (protocol === 'mcp') {
      const [response, given] = await mcp(request);
      if (response) return response;
      id = given;
    }
    const [bytes, headers] = protocol.startsWith('trpc') ? await trpc(request, ['', protocol, how, at].join('/')) : [bytesOf(protocol, id), headersOf(protocol)];
    const end = at === 'whole' ? bytes.length : Number(at);
    return new Response(new ReadableStream({
      start: (controller) => { if (end > 0) controller.enqueue(bytes.subarray(0, end)); },
      async pull(controller) {
        if (at === 'whole' || how === 'end') return controller.close();
        // What was sent is on its way before the failure, as it is where a model breaks down.
        await new Promise((resolve) => setTimeout(resolve, how === 'exit' ? 25 : 5));
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
  const fetches = `export { wholeFetch } from './src/fetcher'; export { invokeFetch } from './src/invoker';
    export { LambdaClient } from '@aws-sdk/client-lambda';`;
  writeFileSync(join(folder, 'fetches.mjs'), bundled(fetches));
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

interface Reading {
  /** What each stream's source does at its place. */
  readonly how: 'error' | 'exit';
  /** Whether the reader sees the cut of the connection, or one that ends well. */
  readonly connection: 'cut' | 'ended';
  readonly fetch: 'plain' | 'whole' | 'invoke';
  /** Places beside the ends of events. */
  readonly places: number;
}

async function readAll({ how, connection, fetch, places }: Reading, only = ''): Promise<Read[]> {
  const before = new Set(lambda.state.functions.keys());
  const url = lambda.serve(APP, {}, [join(folder, 'node_modules')]);
  const functionName = [...lambda.state.functions.keys()].find((arn) => !before.has(arn)) ?? '';
  const gentle = connection === 'ended' ? await startGentleFrontEnd(url) : undefined;
  const base = fetch === 'invoke' ? 'https://function.example' : gentle ? urlOf(gentle) : url;
  const child = spawn(process.execPath, ['run.mjs', base, how, String(places), fetch, lambda.url, functionName, only], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const reads: Read[] = [];
  try {
    for await (const line of createInterface(child.stdout)) {
      if (line.startsWith('{"name"')) reads.push(JSON.parse(line) as Read);
    }
  } finally {
    gentle?.closeAllConnections();
    gentle?.close();
  }
  return reads;
}

const urlOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

describe.each<[string, number, Reading]>([
  [
    'a source that fails, a connection that is cut',
    300,
    { how: 'error', connection: 'cut', fetch: 'plain', places: 16 },
  ],
  // The events at the end of the stream say it.
  [
    'a source that fails, a connection that ends well',
    150,
    { how: 'error', connection: 'ended', fetch: 'plain', places: 4 },
  ],
  // Nothing says it but the mark or the length that are missing.
  ['a process that dies, read by wholeFetch', 100, { how: 'exit', connection: 'ended', fetch: 'whole', places: 1 }],
  ['a process that dies, read by invokeFetch', 100, { how: 'exit', connection: 'cut', fetch: 'invoke', places: 1 }],
])('%s', (_, leastCuts, reading) => {
  let reads: Read[];
  beforeAll(async () => {
    reads = await readAll(reading);
  });

  test.each(CLIENTS)('%s takes no part for the whole', (client) => {
    const [whole, ...cut] = reads.filter(({ name }) => name === client);
    expect(whole).toMatchObject({ at: 'whole', outcome: 'whole' });
    expect(cut.filter(({ outcome }) => outcome === 'silent')).toEqual([]);
    // What is whole although it was cut had all of its events.
    expect(cut.some(({ outcome }) => outcome === 'threw')).toBe(true);
  });

  test(`in at least ${leastCuts} cuts`, () => {
    expect(reads.filter(({ at }) => at !== 'whole').length).toBeGreaterThanOrEqual(leastCuts);
  });
});

test('without those fetches, a process that dies makes a part of the answer whole', async () => {
  const reads = await readAll({ how: 'exit', connection: 'ended', fetch: 'plain', places: 1 }, 'ai 6 useChat');
  expect(reads.filter(({ outcome }) => outcome === 'silent').length).toBeGreaterThan(1);
});

/** Each example, deployed from its own app.ts to one local target and read by its own client, in its own process. */
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { type PageServer, servePage } from '../../examples/ai-sdk-chat/serve';
import { type Served, serveExamples } from '../../examples/serve';
import type { Fault, FaultRequest } from '../../src/local';
import { bundled, startWebFunctions, type WebFunctions } from '../../test/web/support/web-function';
import { type Browser, launchChromium, type Page } from '../fetcher/chromium';
import { type HeldModel, startHeldModel } from './held-model';
import { EXAMPLES, installExamples, newerNode } from './install';

const TSX = join(__dirname, '../../node_modules/tsx/dist/cli.mjs');

const NAMES = ['ai-sdk-chat', 'express-sse', 'hono-ssr', 'mcp-server', 'openai-compatible', 'trpc'];
const QUIET = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };

const ANSWER = ['Streams ', 'are ', 'lists ', 'that ', 'take ', 'time.'];

let model: HeldModel;
let served: Served;
/** What happens to the next request to a function URL. */
let nextFault: Fault | undefined;

function fault({ operation }: FaultRequest): Fault | undefined {
  const now = operation === 'FunctionUrl' ? nextFault : undefined;
  if (now !== undefined) nextFault = undefined;
  return now;
}

beforeAll(async () => {
  installExamples();
  model = await startHeldModel(ANSWER);
  served = await serveExamples(NAMES, { fault }, model);
});
afterAll(async () => {
  await served?.stop();
  await model?.stop();
});

const urlOf = (stack: string) => served.local.outputs(stack).Url ?? '';

/** Lines of `client.ts`, which exits by itself. */
async function run(example: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string[]> {
  const command = [TSX, '--tsconfig', 'tsconfig.json', join(example, 'client.ts'), ...args];
  const child = spawn(process.execPath, command, { cwd: EXAMPLES, env: { ...process.env, ...QUIET, ...env } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece) => (output += piece));
  await new Promise((resolve) => child.once('close', resolve));
  return output.trim().split('\n');
}

test('the code of every example has the right types', () => {
  const tsc = join(EXAMPLES, 'node_modules/typescript/bin/tsc');
  for (const project of ['', 'ai-sdk-chat/page', 'browser-stream']) {
    execFileSync(process.execPath, [tsc, '--noEmit', '-p', join(EXAMPLES, project)], { stdio: 'inherit' });
  }
});

describe('ai-sdk-chat, in Chromium', () => {
  const WHOLE = ANSWER.join('');
  let browser: Browser;
  let server: PageServer;
  let page: Page;
  beforeAll(async () => {
    [browser, server] = await Promise.all([launchChromium(), servePage(urlOf('AiSdkChat'))]);
    page = await browser.newPage();
    await page.goto(server.url);
  });
  afterAll(() => Promise.all([browser?.close(), server?.stop()]));

  const inState = (state: string) =>
    page.waitForFunction(`document.querySelector('main')?.dataset.status === '${state}'`);
  const shown = () => page.evaluate<string[]>("[...document.querySelectorAll('li')].map((li) => li.textContent)");
  const alert = () => page.evaluate<boolean>("document.querySelector('[role=alert]') !== null");

  async function send(text: string): Promise<void> {
    await page.getByLabel('Your message').fill(text);
    await page.getByRole('button', { name: 'Send' }).click();
  }

  test('an answer appears while the model is still speaking', async () => {
    // What the page shows is read in several steps: the model goes on when that is done, and not when a clock says so.
    const goOn = model.holdAfter(3);
    await send('What are streams?');
    await page.waitForFunction("document.querySelector('.assistant')?.textContent.startsWith('Streams ')");
    await inState('streaming');
    expect(WHOLE.startsWith((await shown())[1] ?? WHOLE)).toBe(true);
    expect((await shown())[1]).not.toBe(WHOLE);
    goOn();
    await inState('ready');
    expect(await shown()).toEqual(['What are streams?', WHOLE]);
    expect(await alert()).toBe(false);
  });

  test('an answer that ends early, and well, is an error, and may be asked for again', async () => {
    nextFault = { truncateAfterBytes: 350 };
    await send('Say it again');
    await inState('error');
    expect(WHOLE.startsWith((await shown())[3] ?? '')).toBe(true);
    expect((await shown())[3]).not.toBe(WHOLE);
    expect(await alert()).toBe(true);
    await page.getByRole('button', { name: 'Ask again' }).click();
    await inState('ready');
    expect((await shown())[3]).toBe(WHOLE);
  });
});

test('hono-ssr: the page is there before the forecast it waits for', async () => {
  /** The page, and what there was of it when the heading had come. */
  async function read(): Promise<readonly [early: string, whole: string]> {
    const response = await fetch(urlOf('HonoSsr'));
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    let [early, whole] = ['', ''];
    for await (const piece of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      whole += piece;
      if (early === '' && whole.includes('Asking the weather service')) early = whole;
    }
    return [early, whole];
  }

  let [early, whole] = await read();
  // A machine that stands still for as long as the forecast takes reads both at once; a page that waits always does.
  for (let tries = 1; tries < 10 && early.includes('sunny'); tries += 1) [early, whole] = await read();
  expect(early).toContain('<h1>Lisbon</h1>');
  expect(early).not.toContain('sunny');
  expect(whole.slice(early.length)).toContain('<p id="forecast">sunny, 21 °C</p>');
});

describe('express-sse', () => {
  const steps = ['fetch', 'check', 'resize', 'upload', 'notify'];
  const told = steps.map((step, id) => `${id} {"job":"42","step":"${step}"}`);
  const noise = ['connected', 'cut off, coming again'];

  test('an EventSource is told each step, and that there are no more', async () => {
    const lines = await run('express-sse', [urlOf('ExpressSse')]);
    expect(lines).toEqual(['connected', ...told, 'cut off, coming again', 'the job is done']);
  });

  test('one that is cut off goes on where it was', async () => {
    nextFault = { disconnectAfterBytes: 200 };
    const lines = await run('express-sse', [urlOf('ExpressSse')]);
    expect(lines.filter((line) => line === 'connected')).toHaveLength(2);
    expect(lines.filter((line) => !noise.includes(line))).toEqual([...told, 'the job is done']);
  });
});

describe('trpc', () => {
  const countdown = ['left 3', 'left 2', 'left 1', 'left 0', 'lift-off'];

  test('a query and a subscription are read by the stock links', async () => {
    expect(await run('trpc', [urlOf('Trpc')])).toEqual(['letter a', 'letter b', 'letter c', ...countdown]);
  });

  test('a query that is cut off is an error', async () => {
    nextFault = { truncateAfterBytes: 120 };
    const lines = await run('trpc', [urlOf('Trpc')]);
    expect(lines.join('\n')).toContain('TRPCClientError');
    expect(lines).not.toContain('letter c');
  });
});

describe('mcp-server', () => {
  test('the stock client is told of the progress before the result', async () => {
    const lines = await run('mcp-server', [urlOf('McpServer')]);
    expect(lines).toEqual([
      'tools count_stock',
      ...[1, 2, 3].map((n) => `progress ${n} of 3`),
      'result [{"type":"text","text":"There are 12 boxes on shelf A7."}]',
    ]);
  });
});

describe("the MCP project's own conformance runner", () => {
  const RUNNER = join(EXAMPLES, 'node_modules/@modelcontextprotocol/conformance/dist/index.js');
  const APP = "import { mcp } from './test-slow/examples/mcp-everything.mjs';";
  const BARE = `${APP} import { serve } from '@hono/node-server';
    serve({ fetch: mcp, port: 0, hostname: '127.0.0.1' }, ({ port }) => console.log('http://127.0.0.1:' + port));`;
  const node = newerNode();
  let folder: string;
  let bare: ChildProcess | undefined;
  let lambda: WebFunctions | undefined;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mcp-'));
    lambda = await startWebFunctions();
  });
  afterAll(async () => {
    bare?.kill();
    await lambda?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The lines of its summary: a scenario, and how many of its checks passed and failed. */
  function judge(url: string): Promise<string[]> {
    return new Promise((resolve) => {
      const args = [RUNNER, 'server', '--suite', 'all', '--url', `${url}/mcp`];
      execFile(node ?? '', args, { cwd: folder, maxBuffer: 64 * 1024 * 1024 }, (_, stdout) =>
        resolve(stdout.match(/^[✓✗] .*/gm) ?? []),
      );
    });
  }

  (node ? test : test.skip)('says the same of a server that is bare and one behind webHandler', async () => {
    const modules = [join(EXAMPLES, 'node_modules')];
    writeFileSync(join(folder, 'bare.mjs'), bundled(BARE, modules));
    bare = spawn(process.execPath, [join(folder, 'bare.mjs')], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [address] = await once(createInterface(bare.stdout as Readable), 'line');
    const url = lambda?.serve(`${APP} export const handler = webHandler(mcp);`, {}, modules);
    const [alone, behind] = [await judge(address), await judge(url ?? '')];
    expect(behind).toEqual(alone);
    expect(alone).toHaveLength(32);
    // What a server without sessions, or of this version of the SDK, cannot do; and no tool for it is here.
    const failed = alone.filter((line) => line.startsWith('✗')).map((line) => line.slice(2, line.indexOf(':')));
    expect(failed).toEqual([
      'tools-call-sampling',
      'tools-call-elicitation',
      'json-schema-2020-12',
      'elicitation-sep1034-defaults',
      'server-sse-polling',
      'elicitation-sep1330-enums',
    ]);
  });
});

describe('openai-compatible', () => {
  const place = (way: 'Url' | 'FunctionArn') => served.local.outputs('OpenAiCompatible')[way] ?? '';

  /** As a process that has the role, on a machine whose Lambda is here. */
  function environment(): NodeJS.ProcessEnv {
    const { CallerRoleArn: as = '' } = served.local.outputs('OpenAiCompatible');
    const { endpoint, region, credentials } = served.local.clientConfig({ as });
    return {
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_SESSION_TOKEN: credentials.sessionToken,
    };
  }

  test.each(['Url', 'FunctionArn'] as const)('the stock client reads it by its %s', async (way) => {
    const lines = await run('openai-compatible', [place(way), 'one two'], environment());
    expect(lines).toEqual(['word "You "', 'word "said: "', 'word "one "', 'word "two"', 'finished stop']);
  });

  test.each(['Url', 'FunctionArn'] as const)('an agent that fails is an error, by its %s', async (way) => {
    const lines = await run('openai-compatible', [place(way), 'one unspeakable two'], environment());
    expect(lines.slice(0, 3)).toEqual(['word "You "', 'word "said: "', 'word "one "']);
    expect(lines.slice(3).join('\n')).toMatch(/^failed .*failed/);
  });

  test('an answer that ends early, and well, is an error', async () => {
    nextFault = { truncateAfterBytes: 800 };
    const lines = await run('openai-compatible', [place('Url'), 'one two'], environment());
    expect(lines.at(-1)).toMatch(/^failed StreamError: .*end/);
  });

  test('who has not the role is refused', async () => {
    const lines = await run('openai-compatible', [place('Url')], { ...environment(), AWS_SECRET_ACCESS_KEY: 'none' });
    expect(lines.join('\n')).toMatch(/^failed .*403/);
  });
});

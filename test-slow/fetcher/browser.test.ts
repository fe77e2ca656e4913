/** The fetcher and its example in a real Chromium: over loopback, across origins, against real connections. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { build } from 'esbuild';
import { createAuthenticator } from '../../src/local/http/sigv4';
import { line, NDJSON } from '../../test/fetcher/support/contracts';
import { type Answer, type Exchange, useDoors } from '../../test/fetcher/support/door-server';
import { type Browser, launchChromium, type Page } from './chromium';

const A = line({ token: 'a' });
const B = line({ token: 'b' });
const END = line({ $stream: { end: { final: { tokens: 2 }, chunks: 2 } } });

let browser: Browser;
let origin: Server | undefined;
let originUrl: string;
let page: Page;
let pageErrors: string[];

beforeAll(async () => {
  browser = await launchChromium();
  const script = await bundle();
  const server = createServer((request, response) => {
    const isScript = request.url === '/page.js';
    response.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html' });
    response.end(isScript ? script : '<!doctype html><link rel="icon" href="data:,"><script src="/page.js"></script>');
  });
  origin = server;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  originUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  await browser?.close();
  // Not there where the browser did not start.
  origin?.closeAllConnections();
  origin?.close();
});

beforeEach(async () => {
  page = await browser.newPage();
  pageErrors = [];
  page.on('pageerror', ({ message = '' }) => pageErrors.push(message));
});

afterEach(async () => {
  await page.close();
  // Also an unhandled rejection in the page is one.
  expect(pageErrors).toEqual([]);
});

/** What `test-slow/fetcher/page.ts` puts on the page. */
type CallPage = (url: string, sign: unknown, abortAfter: number | undefined) => Promise<Outcome>;

interface Outcome {
  readonly tokens: readonly string[];
  readonly final?: unknown;
  readonly requestId?: string;
  readonly error?: Readonly<Record<string, unknown>>;
}

async function bundle(): Promise<string> {
  const entryPoints = [join(__dirname, 'page.ts')];
  const { outputFiles } = await build({ entryPoints, bundle: true, write: false, platform: 'browser', format: 'iife' });
  return outputFiles[0]?.text ?? '';
}

async function call(url: string, sign: unknown = 'none', abortAfter?: number, from = originUrl): Promise<Outcome> {
  await page.goto(from);
  return page.evaluate(([to, how, when]) => (globalThis as unknown as { callPage: CallPage }).callPage(to, how, when), [
    url,
    sign,
    abortAfter,
  ] as const);
}

describe('the fetcher in a page', () => {
  const startDoor = useDoors();

  /** A door that answers preflights, and says to whom its answers may be shown. */
  function open(answer: (exchange: Exchange, allow: Readonly<Record<string, string>>) => unknown) {
    const cors = (exchange: Exchange) => ({
      'access-control-allow-origin': exchange.request.headers['origin'] ?? '',
      'access-control-allow-headers': exchange.request.headers['access-control-request-headers'] ?? '',
      'access-control-allow-methods': 'POST',
      'access-control-expose-headers': 'x-amzn-requestid, x-amzn-errortype, location',
    });
    return startDoor((exchange) => {
      const allow = cors(exchange);
      return exchange.request.method === 'OPTIONS' ? exchange.answer({ headers: allow }) : answer(exchange, allow);
    });
  }

  const answering = (answer: Answer) =>
    open((exchange, allow) => exchange.answer({ ...answer, headers: { ...allow, ...answer.headers } }));

  test('shows a chunk before the function has ended', async () => {
    const order: string[] = [];
    let goOn: () => void = () => undefined;
    await page.exposeFunction('onToken', (token: string) => {
      order.push(token);
      if (token === 'a') goOn();
    });
    const door = await open((exchange, allow) => {
      exchange.begin({ headers: { ...NDJSON, ...allow } });
      exchange.piece(A);
      // Written only after the page has reported the first chunk.
      goOn = () => {
        order.push('door goes on');
        exchange.piece(B + END);
        exchange.end();
      };
    });
    const outcome = await call(door.url);
    expect(outcome).toEqual({ tokens: ['a', 'b'], final: { tokens: 2 }, requestId: 'request-1' });
    expect(order).toEqual(['a', 'door goes on', 'b']);
  });

  test('an abort closes the connection', async () => {
    let closed: Promise<void> = Promise.resolve();
    const door = await open((exchange, allow) => {
      closed = exchange.closed;
      return exchange.answer({ headers: { ...NDJSON, ...allow }, pieces: [A], end: 'never' });
    });
    const outcome = await call(door.url, 'none', 1);
    expect(outcome).toMatchObject({ tokens: ['a'], error: { code: 'ABORTED', name: 'AbortError', invoked: 'yes' } });
    await closed;
  });

  test.each([
    ['a crash that looks like success', { pieces: [A] }, { code: 'TRUNCATED', where: 'marker', chunks: 1 }],
    [
      'a connection that is reset',
      { pieces: [A, B.slice(0, 4)], end: 'reset' as const },
      { code: 'TRANSPORT', invoked: 'yes', chunks: 1 },
    ],
    [
      'a connection that is closed early',
      { pieces: [A], end: 'fin' as const },
      { code: 'TRANSPORT', invoked: 'yes', chunks: 1 },
    ],
  ])('%s is an error', async (_, answer, expected) => {
    const door = await answering({ headers: NDJSON, ...answer });
    expect(await call(door.url)).toMatchObject({ tokens: ['a'], error: expected });
    expect(door.requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
  });

  test('a worker reads it, too', async () => {
    const door = await answering({ headers: NDJSON, pieces: [A, B, END] });
    await page.goto(originUrl);
    const outcome = await page.evaluate<Outcome>(`new Promise((resolve, reject) => {
      const worker = new Worker('/page.js');
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = ({ message }) => reject(new Error(message));
      worker.postMessage(['${door.url}', 'none']);
    })`);
    expect(outcome).toEqual({ tokens: ['a', 'b'], final: { tokens: 2 }, requestId: 'request-1' });
  });

  test('on a page that browsers do not trust it calls unsigned, and says why it cannot sign', async () => {
    const door = await answering({ headers: NDJSON, pieces: [A, B, END] });
    const insecure = originUrl.replace('127.0.0.1', 'insecure.test');
    expect(await call(door.url, 'none', undefined, insecure)).toMatchObject({ tokens: ['a', 'b'] });
    const post = door.requests.find(({ method }) => method === 'POST');
    expect(post?.headers).not.toHaveProperty('x-amz-content-sha256');
    const credentials = { accessKeyId: 'AKIADEMO', secretAccessKey: 'secret' };
    const { error } = await call(
      door.url,
      { credentials, region: 'eu-west-1', service: 'lambda' },
      undefined,
      insecure,
    );
    expect(error).toMatchObject({
      code: 'CONFIG_INVALID',
      invoked: 'no',
      message: expect.stringContaining('WebCrypto is missing'),
    });
  });

  test('a body that is kept open after the end marker is not waited for', async () => {
    const door = await answering({ headers: NDJSON, pieces: [A, B, END], end: 'never' });
    expect(await call(door.url)).toMatchObject({ tokens: ['a', 'b'], final: { tokens: 2 } });
  });

  test('a refusal that CORS shows is typed, with the request id', async () => {
    const headers = {
      'content-type': 'application/json',
      'x-amzn-errortype': 'AccessDeniedException',
      'x-amzn-requestid': 'r',
    };
    const door = await answering({ status: 403, headers, pieces: ['{"Message":"Forbidden. For troubleshooting"}'] });
    expect(await call(door.url)).toMatchObject({ error: { code: 'ACCESS_DENIED', invoked: 'no', requestId: 'r' } });
  });

  test('a refusal that CORS hides says what to check', async () => {
    const door = await startDoor({ status: 403, headers: NDJSON });
    const { error } = await call(door.url);
    expect(error).toMatchObject({ code: 'TRANSPORT', invoked: 'maybe' });
    expect(error?.['message']).toContain(
      `allows origin ${originUrl}, method POST and headers content-type, x-amz-content-sha256`,
    );
  });

  test('a redirect is not followed', async () => {
    const other = await answering({ headers: NDJSON });
    const door = await answering({ status: 307, headers: { location: other.url } });
    expect(await call(door.url)).toMatchObject({ error: { code: 'SERVICE', errorName: 'Redirect' } });
    expect(other.requests).toEqual([]);
  });

  test('an IAM signature made in the page is accepted by a verifier, and a wrong secret is not', async () => {
    const known = {
      secretAccessKey: 'secret',
      sessionToken: 'token',
      principal: {
        kind: 'administrator',
        arn: 'arn:aws:iam::111111111111:role/Visitor',
        account: '111111111111',
      } as const,
    };
    const authenticate = createAuthenticator((key) => (key === 'AKIADEMO' ? known : undefined), {
      now: () => Date.now(),
    });
    const verdicts: boolean[] = [];
    const door = await open((exchange, allow) => {
      const { method, path: url, headers, body } = exchange.request;
      const verdict = authenticate({ method, url, headers, body: Buffer.from(body) }, 'lambda');
      verdicts.push(verdict.authenticated);
      if (verdict.authenticated) return exchange.answer({ headers: { ...NDJSON, ...allow }, pieces: [A, B, END] });
      return exchange.answer({ status: 403, headers: { ...allow, 'x-amzn-errortype': verdict.error.type } });
    });
    const credentials = { accessKeyId: 'AKIADEMO', secretAccessKey: 'secret', sessionToken: 'token' };
    const sign = { credentials, region: 'eu-central-1', service: 'lambda' };
    expect(await call(`${door.url}/%C3%A4?b=1&a=2`, sign)).toMatchObject({ tokens: ['a', 'b'], final: { tokens: 2 } });
    const wrong = { ...sign, credentials: { ...credentials, secretAccessKey: 'other' } };
    expect(await call(door.url, wrong)).toMatchObject({
      error: { code: 'ACCESS_DENIED', reason: 'credentials', invoked: 'no' },
    });
    expect(verdicts).toEqual([true, false]);
  });
});

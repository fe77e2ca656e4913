import { createContext, runInContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { buildSync } from 'esbuild';
import { END, line, NDJSON } from './support/contracts';
import { useDoors } from './support/door-server';

/** What a page pays for contract and fetcher together, signing included; docs/fetcher.md states it. */
const BUDGET = { minified: 74_500, gzip: 26_500 };

const PAGE = `
  import { streamContract } from './src/contract';
  import { isStreamError, streamFetcher } from './src/fetcher';
  const contract = streamContract({ format: 'ndjson' });
  globalThis.read = async (url, sign) => {
    try {
      const { chunks, final } = await (await streamFetcher(contract, { url, sign }).invoke({})).collect();
      return JSON.stringify({ chunks, final });
    } catch (error) {
      return isStreamError(error) ? error.code : String(error);
    }
  };
`;

function bundle(): Uint8Array {
  const { outputFiles } = buildSync({
    stdin: { contents: PAGE, resolveDir: process.cwd() },
    bundle: true,
    minify: true,
    write: false,
    // Refuses Node.js built-ins and packages, as a browser would.
    platform: 'neutral',
    format: 'iife',
  });
  return outputFiles[0]?.contents ?? new Uint8Array();
}

test('contract and fetcher stay within the budget of a page', () => {
  const code = bundle();
  expect(code.length).toBeGreaterThan(20_000);
  expect(code.length).toBeLessThanOrEqual(BUDGET.minified);
  expect(gzipSync(code).length).toBeLessThanOrEqual(BUDGET.gzip);
});

describe('where there is nothing but what the web has', () => {
  const startDoor = useDoors();
  const web = {
    URL,
    TextEncoder,
    TextDecoder,
    AbortController,
    ReadableStream,
    fetch,
    crypto,
    performance,
    setTimeout,
    clearTimeout,
  };

  test('it reads and signs, without process, Buffer or require', async () => {
    const door = await startDoor({ headers: NDJSON, pieces: [line({ token: 'a' }), line({ token: 'b' }), END] });
    const context = createContext({ ...web });
    runInContext(Buffer.from(bundle()).toString(), context);
    const sign = {
      credentials: { accessKeyId: 'AKIA', secretAccessKey: 'secret' },
      region: 'eu-west-1',
      service: 'lambda',
    };
    Object.assign(context, { url: door.url, sign });
    const whole = '{"chunks":[{"token":"a"},{"token":"b"}],"final":{"tokens":2}}';
    expect(await runInContext("read(url, 'none')", context)).toBe(whole);
    expect(await runInContext('read(url, sign)', context)).toBe(whole);
    expect(door.requests[1]?.headers['authorization']).toMatch(/^AWS4-HMAC-SHA256 Credential=AKIA\//);
  });

  test('without WebCrypto, as on a page from http, it still calls unsigned', async () => {
    const door = await startDoor({ headers: NDJSON, pieces: [line({ token: 'a' }), line({ token: 'b' }), END] });
    const context = createContext({ ...web, crypto: undefined });
    runInContext(Buffer.from(bundle()).toString(), context);
    const sign = {
      credentials: { accessKeyId: 'AKIA', secretAccessKey: 'secret' },
      region: 'eu-west-1',
      service: 'lambda',
    };
    Object.assign(context, { url: door.url, sign });
    expect(await runInContext("read(url, 'none')", context)).toContain('"tokens":2');
    expect(door.requests[0]?.headers).not.toHaveProperty('x-amz-content-sha256');
    expect(await runInContext('read(url, sign)', context)).toBe('CONFIG_INVALID');
    expect(door.requests).toHaveLength(1);
  });
});

import { createRequire } from 'node:module';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { buildSync, type Format } from 'esbuild';

const root = join(__dirname, '../..');

const BARE = `export const handler = awslambda.streamifyResponse(async (event, stream) => {
  stream.setContentType('application/x-ndjson');
  stream.write(JSON.stringify({ token: 'hi' }) + '\\n');
  stream.end();
});`;
const OURS = `import { streamHandler } from 'cdk-lambda-streaming/handler';
const chat = { format: 'ndjson', completion: 'marker' };
export const handler = streamHandler(chat, async function* () { yield { token: 'hi' }; });`;
const WITH_CONTRACT = OURS.replace(
  /const chat = .*/,
  `import { streamContract } from 'cdk-lambda-streaming/contract'; const chat = streamContract({ format: 'ndjson' });`,
);

function bundle(contents: string, format: Format = 'esm') {
  const result = buildSync({
    stdin: { contents, resolveDir: root, loader: 'ts' },
    alias: {
      'cdk-lambda-streaming/handler': join(root, 'src/handler/index.ts'),
      'cdk-lambda-streaming/contract': join(root, 'src/contract/index.ts'),
    },
    bundle: true,
    minify: true,
    format,
    // As a function's bundler does it; a Node.js built-in would show up as an import.
    platform: 'node',
    target: 'node20',
    metafile: true,
    write: false,
  });
  const text = result.outputFiles[0]?.text ?? '';
  const [output] = Object.values(result.metafile.outputs);
  return { text, size: text.length, gzip: gzipSync(text, { level: 9 }).length, imports: output?.imports ?? [] };
}

/** What a handler of ours adds to one written by hand, in bytes: minified, and compressed as in Lambda's archive. */
test('a handler stays small', () => {
  const bare = bundle(BARE);
  const ours = bundle(OURS);
  const withContract = bundle(WITH_CONTRACT);
  const over = ({ size, gzip }: typeof bare) => ({ minified: size - bare.size, gzip: gzip - bare.gzip });
  process.stdout.write(
    `handler bundle over a bare one: helper ${JSON.stringify(over(ours))}, with contract ${JSON.stringify(over(withContract))}\n`,
  );
  expect(over(ours).minified).toBeLessThanOrEqual(11_250);
  expect(over(ours).gzip).toBeLessThanOrEqual(5_000);
  expect(over(withContract).minified).toBeLessThanOrEqual(12_650);
});

test('a handler imports nothing: no Node.js built-in, no SDK, no schema library, no decoder', () => {
  const { imports, text } = bundle(WITH_CONTRACT);
  expect(imports).toEqual([]);
  expect(text).not.toMatch(/require\(|lastIndexOf|TextDecoder|CloudWatchMetrics/);
});

test.each<Format>(['cjs', 'esm'])(
  'a bundle in %s format loads without the runtime, and registers with it',
  async (format) => {
    const { text } = bundle(WITH_CONTRACT, format);
    const script =
      format === 'esm' ? text.replace(/export\{(\w+) as handler\};?/, 'module.exports={handler:$1};') : text;
    const load = (awslambda?: unknown) => {
      const module = { exports: {} as { handler(event: unknown): Promise<unknown> } };
      new Function('module', 'exports', 'require', 'globalThis', script)(
        module,
        module.exports,
        createRequire(__filename),
        { awslambda },
      );
      return module.exports.handler;
    };
    await expect(load()({})).resolves.toMatchObject({ body: '{"token":"hi"}\n{"$stream":{"end":{"chunks":1}}}\n' });
    const streamifyResponse = jest.fn((handler: unknown) => handler);
    load({ streamifyResponse });
    expect(streamifyResponse).toHaveBeenCalledTimes(1);
  },
);

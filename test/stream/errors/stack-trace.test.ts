/** Traces begin where the caller's code does: from sources, from the package as it is published, and in a user's bundle. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { streamContract } from 'cdk-lambda-streaming/contract';
import { streamFetcher } from 'cdk-lambda-streaming/fetcher';
import { streamInvoker } from 'cdk-lambda-streaming/invoker';
import { build } from 'esbuild';
import { ownFramesTrimmed } from '../../../src/stream/errors/stack-trace';
import { serviceError, useWireServer } from '../../invoker/wire-server';

const root = join(__dirname, '..', '..', '..');
const { buildEsmEntry } = require('../../../build-tools/esm-entry.cjs') as {
  buildEsmEntry(name: string, outfile: string): Promise<void>;
};
const text = streamContract({ format: 'text' });
const wire = useWireServer();
/** A frame's file, without what stands around it. */
const filesIn = (stack = '') =>
  [...stack.matchAll(/^\s*at .*?\(?((?:file:\/\/)?[/\w][^\s()]*):\d+:\d+\)?$/gm)].map(([, file]) => file);

test.each<[string, () => unknown]>([
  ['an option of an invoker', () => streamInvoker(text, { functionName: '' })],
  ['an option of a fetcher', () => streamFetcher(text, { url: 'nowhere', sign: 'none' })],
  ['the input of a call', () => streamInvoker(text, { functionName: 'f', client: wire.client() }).invoke({ n: 1n })],
  [
    'a refusal of the service',
    () => {
      wire.answer(serviceError(404, 'ResourceNotFoundException'));
      return streamInvoker(text, { functionName: 'f', client: wire.client() }).invoke({});
    },
  ],
])('the first file in the trace of %s is the caller’s', async (_, work) => {
  let stack: string | undefined;
  try {
    await work();
  } catch (error) {
    ({ stack } = error as Error);
  }
  const files = filesIn(stack).filter((file) => !file?.startsWith('node:'));
  expect(files[0]).toBe(__filename);
  expect(files.filter((file) => file?.startsWith(join(root, 'src')))).toEqual([]);
});

describe('what ends a stream while it is read', () => {
  const ndjson = streamContract({ format: 'ndjson' });
  const bodyOf = (text: string, fails: boolean) =>
    new ReadableStream<Uint8Array>({
      async pull(controller) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        if (text !== '') controller.enqueue(Buffer.from(text));
        text = '';
        if (fails) controller.error(new TypeError('terminated'));
        else if (controller.desiredSize === 0) controller.close();
      },
    });
  const headers = { 'content-type': 'application/x-ndjson' };
  const open = (text: string, fails: boolean) =>
    streamFetcher(ndjson, {
      url: 'http://127.0.0.1/',
      sign: 'none',
      fetch: async () => new Response(bodyOf(text, fails), { headers }),
    }).invoke({});

  test.each([
    ['a connection that breaks', '', true, 'TRANSPORT'],
    ['an error of the handler', '1\n{"$stream":{"error":{"type":"X","message":"y"}}}\n', false, 'REMOTE'],
  ] as const)('%s: the trace leads to the loop, and to collect()', async (_, text, fails, code) => {
    const loop = async () => {
      for await (const _chunk of await open(text, fails));
    };
    const collect = async () => (await open(text, fails)).collect();
    for (const read of [loop, collect]) {
      const error: unknown = await read().catch((reason) => reason);
      expect(error).toMatchObject({ code });
      const { stack = '' } = error as Error;
      const files = filesIn(stack).filter((file) => !file?.startsWith('node:'));
      expect(new Set(files)).toEqual(new Set([__filename]));
      expect(stack).toMatch(/^StreamError: .*\n {4}see https:.*\n {4}at /);
    }
  });
});

describe('a program of a user', () => {
  const program = `
    import { streamContract } from './lib/contract/index.mjs';
    import { streamInvoker } from './lib/invoker/index.mjs';
    import { streamFetcher } from './lib/fetcher/index.mjs';
    const text = streamContract({ format: 'text' });
    const stackOf = (work) => { try { work(); } catch (error) { return error.stack; } };
    console.log(JSON.stringify([
      stackOf(() => streamInvoker(text, { functionName: '' })),
      stackOf(() => streamFetcher(text, { url: 'nowhere', sign: 'none' })),
    ]));`;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'stack-trace-'));
    for (const name of ['contract', 'invoker', 'fetcher']) {
      mkdirSync(join(folder, 'lib', name), { recursive: true });
      await buildEsmEntry(name, join(folder, 'lib', name, 'index.mjs'));
    }
    writeFileSync(join(folder, 'main.mjs'), program);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function stacks(file: string): Promise<readonly string[]> {
    const { stdout } = await promisify(execFile)(process.execPath, [file]);
    return JSON.parse(stdout);
  }

  test('sees its own frames alone, where the package is as published', async () => {
    const main = join(folder, 'main.mjs');
    for (const stack of await stacks(main)) {
      const files = filesIn(stack).filter((file) => !file?.startsWith('node:'));
      expect(new Set(files)).toEqual(new Set([`file://${main}`]));
    }
  });

  test('loses no frame where all is one bundle: they may be its own', async () => {
    const outfile = join(folder, 'bundle.mjs');
    await build({
      entryPoints: [join(folder, 'main.mjs')],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      external: ['@aws-sdk/*'],
    });
    for (const stack of await stacks(outfile)) {
      expect(stack).toMatch(/StreamError/);
      expect(filesIn(stack).filter((file) => file === `file://${outfile}`).length).toBeGreaterThan(2);
    }
  });
});

const OURS = `    at ours (${join(root, 'src', 'invoker', 'x.ts')}:1:2)`;
test.each<[string, string | undefined, string | undefined]>([
  ['no trace at all', undefined, undefined],
  ['a heading without frames', 'Error: x', 'heading'],
  ['frames of others only', 'Error: x\n    at f (/app/a.js:1:2)', 'heading\n    at f (/app/a.js:1:2)'],
  ['a message of several lines', `Error: x\ny\n${OURS}\n    at /app/a.js:1:2`, 'heading\n    at /app/a.js:1:2'],
  [
    'an asynchronous frame without a name',
    `${OURS}\n    at async /app/a.js:1:2`,
    'heading\n    at async /app/a.js:1:2',
  ],
  ['nothing but ours, which is then all that is known', `E\n${OURS}`, `heading\n${OURS}`],
  [
    'ours and those of Node.js, which tell no place',
    `E\n${OURS}\n    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)`,
    `heading\n${OURS}\n    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)`,
  ],
])('of %s', (_, stack, trimmed) => {
  expect(ownFramesTrimmed(stack, 'heading')).toBe(trimmed);
});

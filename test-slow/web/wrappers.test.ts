/** Real wrappers around streaming handlers, bundled as users do, on AWS's own runtime client behind a function URL. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startWebFunctions, type WebFunctions } from '../../test/web/support/web-function';

const PACKAGES = [
  '@middy/core@6.4.5',
  '@sentry/aws-serverless@10.75.2',
  'datadog-lambda-js@12.143.0',
  'middy7@npm:@middy/core@7.9.2',
];

/** What a wrapper's own steps do is in the log. */
const STEPS = `.before(() => console.log('wrapper: before')).after(() => console.log('wrapper: after'))`;

/** Where its package comes from, and the wrapper. */
const WRAPPERS: Readonly<Record<string, readonly [imports: string, wrapper: string]>> = {
  'middy 6': [`import middy from '@middy/core';`, `(inner) => middy(inner)${STEPS}`],
  'middy 7': [`import middy from 'middy7';`, `(inner) => middy(inner)${STEPS}`],
  Sentry: [
    `import * as Sentry from '@sentry/aws-serverless'; Sentry.init({ dsn: 'http://key@127.0.0.1:9/1', tracesSampleRate: 0 });`,
    `(inner) => Sentry.wrapHandler(inner)`,
  ],
  Datadog: [
    `import { datadog } from 'datadog-lambda-js';`,
    `(inner) => datadog(inner, { mergeDatadogXrayTraces: false, injectLogContext: false })`,
  ],
};

const APP = `(request) => {
  const { pathname, searchParams } = new URL(request.url);
  let step = 0;
  if (pathname === '/throws') throw new Error('of the app');
  return new Response(new ReadableStream({
    async pull(controller) {
      if (step === 1 && pathname === '/breaks') throw new Error('of the app');
      if (step === 1) while (!existsSync(searchParams.get('gate'))) await new Promise((resolve) => setTimeout(resolve, 5));
      if (step === 2) return controller.close();
      controller.enqueue(new TextEncoder().encode('data: ' + ++step + '\\n\\n'));
    },
  }), { status: 201, headers: { 'content-type': 'text/event-stream' } });
}`;

let folder: string;
let lambda: WebFunctions;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'web-wrappers-'));
  writeFileSync(join(folder, 'package.json'), '{ "name": "wrappers", "private": true }\n');
  const flags = ['--no-audit', '--no-fund', '--ignore-scripts', '--save-exact', '--loglevel=error'];
  execFileSync('npm', ['install', ...flags, ...PACKAGES], { cwd: folder, stdio: 'inherit' });
  lambda = await startWebFunctions();
});
afterAll(async () => {
  await lambda?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const serve = ([imports, wrapper]: readonly [string, string]): string =>
  lambda.serve(
    `import { existsSync } from 'node:fs'; ${imports}
     export const handler = keepStreaming(${wrapper})(webHandler(${APP}));`,
    {},
    [join(folder, 'node_modules')],
    // What Datadog loads where it is asked for a secret, or traces.
    ['@aws-sdk/*', 'dd-trace', 'dd-trace/*'],
  );

describe.each(Object.entries(WRAPPERS))('%s', (name, wrapper) => {
  let url: string;
  beforeAll(() => {
    url = serve(wrapper);
  });

  test('streams, piece by piece', async () => {
    const gate = join(lambda.folder, `gate-${name.replaceAll(' ', '-')}`);
    const response = await fetch(`${url}/?gate=${gate}`);
    expect(response.status).toBe(201);
    let text = '';
    for await (const piece of response.body ?? []) {
      text += Buffer.from(piece).toString();
      if (text === 'data: 1\n\n') writeFileSync(gate, '');
    }
    expect(text).toBe('data: 1\n\ndata: 2\n\n: $stream end\n\n');
  });

  test('a failure stays one', async () => {
    const response = await fetch(`${url}/throws`);
    expect([response.status, await response.text()]).toEqual([500, 'The function failed']);
    const broken = await fetch(`${url}/breaks`);
    expect(broken.status).toBe(201);
    // The invocation failed, also where the wrapper hides that: the runtime cuts the connection.
    await expect(broken.text()).rejects.toThrow('terminated');
  });
});

test('the steps of a middleware run around the response', () => {
  const steps = lambda.logs.map(({ message }) => message).filter((message) => message.includes('wrapper: '));
  // Of a request that succeeds, and two that fail, for which there is no step after.
  expect(steps.filter((message) => message.includes('before'))).toHaveLength(6);
  expect(steps.filter((message) => message.includes('after'))).toHaveLength(2);
});

import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rowsFor } from '../../../src/testing/conformance/run-conformance';
import { bundled } from '../../web/support/web-function';
import { type BuiltCli, buildCli, processesBelow, survivors } from '../support/built-cli';

/** An adapter as people write them: it reads all, then answers, and knows no cookies. */
const NAIVE = `import { conformanceApp } from './src/testing/conformance/fetch-app';
  export const handler = async (event) => {
    const response = await conformanceApp(new Request('https://' + event.headers.host + event.rawPath));
    return { statusCode: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
  };`;
const OURS = `import { conformanceApp } from './src/testing/conformance/fetch-app';
  export const handler = webHandler(conformanceApp);`;

let cli: BuiltCli;
beforeAll(async () => {
  cli = await buildCli();
});
afterAll(() => cli?.remove());

function handlerFile(name: string, source: string): string {
  const file = join(cli.folder, name);
  writeFileSync(file, bundled(source));
  return file;
}

test('a handler that does all rows right: a line a row, the sum, and 0', async () => {
  const { code, stdout, stderr } = await cli.run(['conformance', '--handler', handlerFile('ours.mjs', OURS)]);
  const rows = rowsFor('fetch');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const lines = stdout.trimEnd().split('\n');
  expect(lines.slice(0, -1)).toEqual(rows.map(({ id, name }) => `✓ ${String(id).padStart(2)} ${name}`));
  expect(lines.at(-1)).toBe(`${rows.length} of ${rows.length} right`);
});

test('a handler that does not: what is wrong with each row, as JSON, and 1', async () => {
  const [cookies] = rowsFor('fetch').filter(({ name }) => /cookie/i.test(name));
  const [status] = rowsFor('fetch').filter(({ name }) => /refusal/.test(name));
  const ids = [cookies?.id, status?.id];
  const file = handlerFile('naive.mjs', NAIVE);
  const { code, stdout, stderr } = await cli.run(['conformance', '--json', '--rows', ids.join(), '--handler', file]);
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  expect(JSON.parse(stdout)).toEqual({
    kind: 'fetch',
    right: 1,
    of: 2,
    rows: [
      { id: cookies?.id, name: cookies?.name, seen: cookies?.seen, problem: expect.stringMatching(/got/) },
      { id: status?.id, name: status?.name, seen: status?.seen },
    ],
  });
});

test('a handler that cannot be loaded is a problem of each row, not the end of the run', async () => {
  const file = join(cli.folder, 'broken.mjs');
  writeFileSync(file, "throw new Error('no key');");
  const { code, stdout, stderr } = await cli.run(['conformance', '--rows', '1-2', '--handler', file]);
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  expect(stdout).toMatch(/^✗ +1 .*no key.*\n✗ +2 .*no key.*\n0 of 2 right\n$/);
});

test('a handler that hands on no query is told so, and does not hold the run for ever', async () => {
  const args = ['conformance', '--rows', '37', '--handler', handlerFile('deaf.mjs', NAIVE)];
  const { code, stdout } = await cli.run(args);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^✗ 37 .*\n0 of 1 right\n$/);
});

test.each(['0', '61', 'x', '4-', '9-7'])('--rows %s is refused', async (rows) => {
  const { code, stderr } = await cli.run([
    'conformance',
    '--rows',
    rows,
    '--handler',
    join(__dirname, '../../../build-tools/pack.mjs'),
  ]);
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(`such as 4,7-9, got '${rows}'`) });
});

test('a source that Lambda cannot load is refused at once, with how to make it one', async () => {
  const { code, stderr } = await cli.run(['conformance', '--handler', __filename]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^error: --handler must be a JavaScript file .*\.test\.ts'; bundle it first: npx esbuild /);
});

test('Ctrl-C ends it, and leaves no process and no file behind', async () => {
  const temporary = join(cli.folder, '..');
  const child = cli.start(['conformance', '--handler', handlerFile('again.mjs', OURS)], { TMPDIR: temporary });
  await child.said(/✓ +\d/);
  const started = processesBelow(child.pid);
  if (process.platform === 'linux') expect(started.length).toBeGreaterThan(0);
  child.kill('SIGINT');
  const { code, stdout } = await child.ended;
  expect({ code, alive: await survivors(started) }).toEqual({ code: 130, alive: [] });
  expect(stdout).not.toContain('right');
  expect(readdirSync(temporary).filter((name) => name.startsWith('conformance-'))).toEqual([]);
});

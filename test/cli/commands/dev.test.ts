/** Saves sources of an app while `dev` runs, and calls what is deployed. */
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BuiltCli, buildCli, type CliProcess } from '../support/built-cli';

const root = join(__dirname, '../../..');
const LIBRARY = JSON.stringify(join(root, 'node_modules/aws-cdk-lib'));
const APP = `const { App, Stack } = require(${LIBRARY} + '/core');
const lambda = require(${LIBRARY} + '/aws-lambda');
const app = new App();
const stack = new Stack(app, 'Dev', { env: { account: '111111111111', region: 'eu-west-1' } });
new lambda.Function(stack, 'Fn', {
  functionName: app.node.getContext('function'),
  runtime: lambda.Runtime.NODEJS_22_X,
  handler: 'index.handler',
  code: lambda.Code.fromAsset(require('node:path').join(__dirname, 'code')),
});
app.synth();
`;
const handler = (text: string) =>
  `exports.handler = awslambda.streamifyResponse(async (event, stream) => stream.end('${text}'));\n`;

// Each synthesizes an app several times in processes of their own.
jest.setTimeout(180_000);

let cli: BuiltCli;
let dev: CliProcess | undefined;
beforeAll(async () => {
  cli = await buildCli();
  for (const name of ['aws-cdk-lib', 'constructs', 'esbuild'])
    symlinkSync(join(root, 'node_modules', name), join(cli.folder, '../node_modules', name));
});
afterAll(async () => {
  dev?.kill('SIGTERM');
  await dev?.ended;
  cli?.remove();
});

const write = (file: string, text: string) => writeFileSync(join(cli.folder, file), text);
const env = () => ({ TMPDIR: join(cli.folder, '..') });
const call = async () => {
  const { stdout, stderr } = await cli.run(['invoke', '--local', 'Dev/Fn'], env());
  return stdout || stderr;
};

test('new code answers after it is saved; a mistake is told, also the first time, and what was there goes on', async () => {
  mkdirSync(join(cli.folder, 'code'));
  write('code/index.js', handler('one'));
  write('app.js', APP);
  const command = `"${process.execPath}" app.js`;
  write('cdk.json', JSON.stringify({ app: 'nod app.js', context: { function: 'greeter' } }));
  dev = cli.start(['dev'], env());
  await dev.said(
    /the app 'nod app\.js' failed: exit code 127, with which .* no such command\nThe next file that you save tries again/,
  );
  write('cdk.json', JSON.stringify({ app: command, context: { function: 'greeter' } }));
  await dev.said(/changed: cdk\.json\nDev created/);
  await dev.said(/Ctrl-C stops it\.\n\n$/);
  expect(await call()).toBe('one');

  write('code/index.js', handler('two'));
  await dev.said(/changed: code\/index\.js\nDev updated/);
  expect(await call()).toBe('two');

  // A folder that was not there at the start.
  mkdirSync(join(cli.folder, 'more'));
  write('more/text.js', "module.exports = 'three';\n");
  await dev.said(/changed: .*more\/text\.js\nDev unchanged/);
  write('app.js', `require('./more/text.js').boom();\n${APP}`);
  await dev.said(
    /changed: app\.js\n[\s\S]*TypeError[\s\S]*error: the app .* failed: exit code 1\nWhat was deployed before goes on\.\n/,
  );
  expect(await call()).toBe('two');

  // The context is that of the moment.
  write('cdk.json', JSON.stringify({ app: command, context: { function: 'welcomer' } }));
  write('app.js', APP);
  await dev.said(/failed: exit code 1[\s\S]*changed: .*app\.js\nDev updated/);
  expect(await cli.run(['invoke', '--local', 'welcomer'], env())).toMatchObject({ code: 0, stdout: 'two' });

  dev.kill('SIGINT');
  const { code, stderr } = await dev.ended;
  expect(code).toBe(0);
  expect(stderr).toMatch(/Stopped; nothing is left\.\n$/);
});

/** With the constructs of this checkout. */
const MONOREPO_APP = `import { App, Stack } from 'aws-cdk-lib/core';
import { StreamingFunction } from 'cdk-lambda-streaming';
const app = new App();
const stack = new Stack(app, 'Dev', { env: { account: '111111111111', region: 'eu-west-1' } });
new StreamingFunction(stack, 'Fn', { entry: '../chat/handler.mjs' });
app.synth();
`;

test('in a monorepo, what is bundled from other packages is watched, and the folders that --watch names', async () => {
  for (const folder of ['../chat', '../texts/src', '../settings/deep'])
    mkdirSync(join(cli.folder, folder), { recursive: true });
  write('../package-lock.json', '{}');
  write('../texts/src/text.mjs', "export const text = 'one';\n");
  const good = `import { text } from '../texts/src/text.mjs';
    export const handler = awslambda.streamifyResponse(async (event, stream) => stream.end(text));`;
  write('../chat/handler.mjs', good);
  write('monorepo.ts', MONOREPO_APP);
  const tsx = `"${process.execPath}" "${root}/node_modules/tsx/dist/cli.mjs" --tsconfig "${root}/test/tsconfig.json"`;
  const args = ['dev', '--app', `${tsx} monorepo.ts`, '--watch', '../settings'];
  dev = cli.start(args, env());
  await dev.said(/bundled from outside, watched too: \.\.\/chat, \.\.\/texts\/src\nDev created/);
  await dev.said(/Ctrl-C stops it/);
  expect(await call()).toBe('one');

  write('../texts/src/text.mjs', "export const text = 'two';\n");
  await dev.said(/changed: \.\.\/texts\/src\/text\.mjs\nDev has new code .*\nDev updated/);
  expect(await call()).toBe('two');

  write('../settings/deep/model.json', '{}');
  await dev.said(/changed: \.\.\/settings\/deep\/model\.json\n[\s\S]*Dev unchanged/);

  write('../chat/handler.mjs', 'export const handler = (;');
  await dev.said(
    /changed: \.\.\/chat\/handler\.mjs\n✘ \[ERROR\] Unexpected ";"\n\n {4}\.\.\/chat\/handler\.mjs:1:24:\n.*\n.*\n\nWhat was deployed before goes on/,
  );
  write('../chat/handler.mjs', good.replace('end(text)', "end(text + '!')"));
  await dev.said(/goes on\.\nchanged: \.\.\/chat\/handler\.mjs\nit builds again\nDev has new code .*\nDev updated/);
  expect(await call()).toBe('two!');

  dev.kill('SIGINT');
  expect((await dev.ended).code).toBe(0);
  // A bundle that an earlier synth has built, too.
  dev = cli.start(args, env());
  await dev.said(/bundled from outside, watched too: \.\.\/chat, \.\.\/texts\/src\nDev created/);
  dev.kill('SIGINT');
  await dev.ended;
});

/** From the second synth on it waits until there is a file. */
const SLOW_APP = `import { existsSync } from 'node:fs';
import { App, Stack } from 'aws-cdk-lib/core';
import { StreamingFunction } from 'cdk-lambda-streaming';
const app = new App();
const stack = new Stack(app, 'Dev', { env: { account: '111111111111', region: 'eu-west-1' } });
new StreamingFunction(stack, 'Fn', { entry: 'slow/handler.ts', bundling: { sourceMap: true } });
new StreamingFunction(stack, 'Other', { entry: 'slow/other.ts' });
if (existsSync('.begun')) while (!existsSync('.go')) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
app.synth();
`;

test('what bundles are made of answers as soon as it is saved, before the app has synthesized', async () => {
  mkdirSync(join(cli.folder, 'slow'));
  const handler = (text: string) => `import { mark } from './mark';
    export const handler = awslambda.streamifyResponse(async (event: unknown, stream: any) => stream.end(mark('${text}')));`;
  write('slow/mark.ts', "export const mark = (text: string): string => text + '!';\n");
  write('slow/handler.ts', handler('one'));
  write('slow/other.ts', handler('other'));
  write('slow.ts', SLOW_APP);
  const tsx = `"${process.execPath}" "${root}/node_modules/tsx/dist/cli.mjs" --tsconfig "${root}/test/tsconfig.json"`;
  dev = cli.start(['dev', '--app', `${tsx} slow.ts`], env());
  await dev.said(/Ctrl-C stops it/);
  expect(await call()).toBe('one!');

  write('.begun', '');
  write('slow/handler.ts', handler('two'));
  await dev.said(/changed: slow\/handler\.ts\nDev has new code \(build \d+ ms, deploy \d+ ms\) synth follows\n/);
  expect(await call()).toBe('two!');

  // The synth that has not ended is given up; a file that two bundles have is new in both.
  write('slow/mark.ts', "export const mark = (text: string): string => text + '?';\n");
  await dev.said(/changed: slow\/mark\.ts\nDev has new code/);
  expect(await call()).toBe('two?');
  expect((await cli.run(['invoke', '--local', 'Dev/Other'], env())).stdout).toBe('other?');

  // What cannot be built is told by esbuild alone, though no synth can end yet; taken back, nothing is new.
  write('slow/other.ts', 'export const handler = (;\n');
  await dev.said(
    /changed: slow\/other\.ts\n✘ \[ERROR\] Unexpected ";"\n\n {4}slow\/other\.ts:1:24:\n.*\n.*\n\nWhat was deployed before goes on\.\n/,
  );
  expect((await cli.run(['invoke', '--local', 'Dev/Other'], env())).stdout).toBe('other?');
  write('slow/other.ts', handler('other'));
  await dev.said(
    /changed: slow\/other\.ts\nit builds again\nthe code is the one that is deployed \(build \d+ ms, deploy \d+ ms\) synth follows\n/,
  );

  // The synth has the last word.
  write('.go', '');
  await dev.said(/Dev has new code[\s\S]*Dev has new code[\s\S]*\nDev updated/);
  expect(await call()).toBe('two?');
  dev.kill('SIGINT');
  expect((await dev.ended).stderr).toMatch(/Stopped; nothing is left\.\n$/);
  expect(readdirSync(join(cli.folder, '..')).filter((name) => name.includes('swap'))).toEqual([]);
});

test('--watch takes folders that are there', async () => {
  expect(await cli.run(['dev', '--watch', '../nowhere'], env())).toEqual({
    code: 2,
    stdout: '',
    stderr: "error: --watch must be folders, got '../nowhere', which is not one\n",
  });
});

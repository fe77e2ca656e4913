/** Saves sources of an app while `dev` runs, and calls what is deployed. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BuiltCli, buildCli, type CliProcess } from '../support/built-cli';

const LIBRARY = JSON.stringify(join(__dirname, '../../../node_modules/aws-cdk-lib'));
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

let cli: BuiltCli;
let dev: CliProcess | undefined;
beforeAll(async () => {
  cli = await buildCli();
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

test('new code answers after it is saved; a mistake is told, and what was there goes on', async () => {
  mkdirSync(join(cli.folder, 'code'));
  write('code/index.js', handler('one'));
  write('app.js', APP);
  const command = `"${process.execPath}" app.js`;
  write('cdk.json', JSON.stringify({ app: command, context: { function: 'greeter' } }));
  dev = cli.start(['dev'], env());
  await dev.said(/Ctrl-C stops it/);
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

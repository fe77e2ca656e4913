// Memory of a local target, in a process of its own, over 20,000 calls. Needs a build.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const AIM_MB = 120;
const CALLS = 20_000;
const AT_ONCE = 8;
const file = fileURLToPath(import.meta.url);
const lib = join(dirname(dirname(dirname(file))), 'lib', 'local', 'index.js');
if (!existsSync(lib)) throw new Error(`there is no ${lib}: run npm run build first`);
const require = createRequire(import.meta.url);
const HANDLER = `exports.handler = awslambda.streamifyResponse(async (event, stream) => { stream.write('hello'); stream.end(); });`;

/** A target that has the assembly deployed, until it is told to end. */
async function target(assembly) {
  const local = await require(lib).startLocal();
  await local.deploy(assembly);
  process.send({ url: local.outputs('Memory').Url });
  process.on('message', async (message) => {
    // The channel to the parent would keep the process.
    if (message === 'end') return local.stop().then(() => process.disconnect());
    if (message === 'collect') globalThis.gc();
    const { heapUsed, rss } = process.memoryUsage();
    process.send({ heap: heapUsed / 2 ** 20, rss: rss / 2 ** 20 });
  });
}

function synthesize(outdir) {
  const { App, CfnOutput, Stack } = require('aws-cdk-lib/core');
  const lambda = require('aws-cdk-lib/aws-lambda');
  const app = new App({ outdir });
  const stack = new Stack(app, 'Memory', { env: { account: '111111111111', region: 'eu-west-1' } });
  const code = lambda.Code.fromInline(HANDLER);
  const fn = new lambda.Function(stack, 'Fn', { runtime: lambda.Runtime.NODEJS_20_X, handler: 'index.handler', code });
  new CfnOutput(stack, 'Url', { value: fn.addFunctionUrl({ authType: 'NONE', invokeMode: 'RESPONSE_STREAM' }).url });
  app.synth();
}

async function main() {
  const folder = mkdtempSync(join(tmpdir(), 'bench-memory-'));
  synthesize(folder);
  const child = fork(file, [folder], { execArgv: ['--expose-gc'] });
  const [{ url }] = await once(child, 'message');
  const ask = async (message) => {
    child.send(message);
    return (await once(child, 'message'))[0];
  };
  const agent = new Agent({ keepAlive: true });
  const call = () =>
    new Promise((resolve, reject) => {
      get(url, { agent }, (response) => response.resume().on('end', resolve)).on('error', reject);
    });
  await call();
  const before = await ask('measure');
  const share = async () => {
    for (let i = 0; i < CALLS / AT_ONCE; i++) await call();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, share));
  const [after, kept] = [await ask('measure'), await ask('collect')];
  const verdict = after.rss <= AIM_MB ? 'met' : 'MISSED';
  console.log(
    `memory: ${before.rss.toFixed(0)} MB before, ${after.rss.toFixed(0)} MB after ${CALLS} calls; aim ${AIM_MB} MB ${verdict}; ` +
      `heap in use after a collection: ${kept.heap.toFixed(0)} MB`,
  );
  child.send('end');
  agent.destroy();
  await once(child, 'exit').catch(() => undefined);
  rmSync(folder, { recursive: true, force: true });
}

await (process.argv[2] === undefined ? main() : target(process.argv[2]));

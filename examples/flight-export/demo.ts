/**
 * The whole path on one machine: a real CDK app is synthesized by the `cdk` CLI, deployed to the local target,
 * and streamed from across accounts through the typed invoker. Exits non-zero on any surprise.
 *
 *   npm run demo            for people
 *   npm run demo -- --json  for scripts
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StreamTarget, streamInvoker } from 'cdk-lambda-streaming/invoker';
import { type LocalTarget, startLocal } from 'cdk-lambda-streaming/local';
import { flightExport } from './contract';
import { humanNarrator, jsonNarrator, type Narrator } from './narrator';
import { callBuffered, callUngranted, countInSource, nothingIsLeft, streamRows } from './scenes';
import { synthesize } from './synthesize';

const QUERY = { minDistance: 300 };

async function demo(say: Narrator, signal: AbortSignal): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'flight-export-'));
  let local: LocalTarget | undefined;
  try {
    const assembly = join(folder, 'cdk.out');
    say.begin('synthesize', 'a CDK app of 2 stacks with the cdk CLI');
    say.check('synthesize', ...(await synthesize(assembly, signal)));

    local = await startLocal();
    const started = performance.now();
    await local.deploy(assembly);
    const deployMs = Math.round(performance.now() - started);
    say.check('deploy', `both stacks to ${local.endpoint} in ${deployMs} ms`, {
      endpoint: local.endpoint,
      ms: deployMs,
    });

    const outputsFile = join(folder, 'cdk-outputs.json');
    local.writeOutputsFile(outputsFile);
    const target = StreamTarget.fromOutputsFile(outputsFile, 'FlightExport');
    const invokerAs = (roleArn: string) =>
      streamInvoker(flightExport, {
        target,
        clientConfig: local?.clientConfig({ as: roleArn }),
        logs: 'tail',
        timeouts: { firstByteMs: 30_000, idleMs: 30_000 },
      });
    const { AnalystRoleArn: analyst = '', StrangerRoleArn: stranger = '' } = local.outputs('Partner');

    const streamed = await streamRows(invokerAs(analyst), analyst, QUERY, say, signal);
    say.check('counted', ...countInSource(QUERY, streamed));
    say.check('refused', ...(await callUngranted(invokerAs(stranger), stranger, QUERY)));
    say.begin('buffered', 'the same export by a plain Invoke');
    say.check('buffered', ...(await callBuffered(local.clientConfig({ as: analyst }), target, QUERY)));
  } finally {
    await local?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  say.check('cleaned up', ...(await nothingIsLeft(local.endpoint, folder)));
}

// The SDK's notice about Node.js 20 would stand in the middle of the story.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const json = process.argv.includes('--json');
const say = json ? jsonNarrator(process.stdout) : humanNarrator(process.stdout);
const interrupt = new AbortController();
// Also when the terminal itself is closed, so that no temporary folder stays behind.
for (const event of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(event, () => interrupt.abort());

if (!json) process.stdout.write('\nA flight export across two accounts, on this machine\n\n');
demo(say, interrupt.signal).then(
  () => say.done(true),
  (error: unknown) => {
    say.done(false);
    if (interrupt.signal.aborted) {
      process.stderr.write('\nStopped; nothing is left.\n');
      process.exitCode = 130;
      return;
    }
    process.stderr.write(`\nThe demo met a surprise: ${error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = 1;
  },
);

import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';

const CDK = createRequire(__filename).resolve('aws-cdk/bin/cdk');

/** Runs the real `cdk synth` on this folder's app; what it leaves in `assembly` is all that the deploy sees. */
export async function synthesize(
  assembly: string,
  signal: AbortSignal,
): Promise<[string, Readonly<Record<string, unknown>>]> {
  const started = performance.now();
  await promisify(execFile)(process.execPath, [CDK, 'synth', '--quiet', '--output', assembly, '--no-notices'], {
    cwd: __dirname,
    env: { ...process.env, CDK_DISABLE_CLI_TELEMETRY: '1' },
    signal,
  });
  const seconds = (performance.now() - started) / 1000;
  return [`cdk synth wrote 2 stacks for 2 accounts in ${seconds.toFixed(1)} s`, { seconds, assembly }];
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, CfnOutput, Stack } from 'aws-cdk-lib/core';
import { deployStreamTestStack } from 'cdk-lambda-streaming/testing';

test('repeats what the cdk CLI says when it cannot deploy', async () => {
  const outdir = mkdtempSync(join(tmpdir(), 'cdk-cli-'));
  const saved = { ...process.env };
  // Credentials that lead nowhere: nothing listens on the discard port of this machine.
  const nowhere = {
    AWS_ACCESS_KEY_ID: 'x',
    AWS_SECRET_ACCESS_KEY: 'x',
    AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
    AWS_MAX_ATTEMPTS: '1',
  };
  Object.assign(process.env, nowhere, { CDK_DISABLE_CLI_TELEMETRY: '1' });
  try {
    const app = new App({ outdir });
    new CfnOutput(new Stack(app, 'Unreachable', { env: { account: '111111111111', region: 'eu-west-1' } }), 'Out', {
      value: 'x',
    });
    const deployed = deployStreamTestStack({ assembly: app.synth().directory, place: 'aws' });
    await expect(deployed).rejects.toThrow(/^cdk deploy --app .* --all ended with 1:\n[\s\S]*for account 111111111111/);
  } finally {
    process.env = saved;
    rmSync(outdir, { recursive: true, force: true });
  }
});

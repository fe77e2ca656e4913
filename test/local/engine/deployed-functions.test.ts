import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { App, Stack } from 'aws-cdk-lib/core';
import { startLocal } from 'cdk-lambda-streaming/local';

test('functions() lists what can be called, as the app names it, and credentials last as long as asked for', async () => {
  const outdir = mkdtempSync(join(tmpdir(), 'functions-'));
  const local = await startLocal();
  try {
    const app = new App({ outdir });
    for (const id of ['First', 'Second']) {
      const stack = new Stack(app, id, { env: { account: '111111111111', region: 'eu-west-1' } });
      const fn = new lambda.Function(stack, 'Fn', {
        functionName: id.toLowerCase(),
        runtime: lambda.Runtime.NODEJS_22_X,
        handler: 'index.handler',
        code: lambda.Code.fromInline('exports.handler = async () => 1;'),
      });
      if (id === 'Second') fn.addAlias('live').addFunctionUrl({ authType: lambda.FunctionUrlAuthType.NONE });
    }
    expect(local.functions()).toEqual([]);
    await local.deploy(app.synth().directory);
    const arn = 'arn:aws:lambda:eu-west-1:111111111111:function:';
    const first = { stackName: 'First', constructPath: 'First/Fn', functionName: 'first', functionArn: `${arn}first` };
    const second = {
      stackName: 'Second',
      constructPath: 'Second/Fn',
      functionName: 'second',
      functionArn: `${arn}second`,
    };
    expect(local.functions()).toEqual([
      { ...first, roleArn: expect.stringMatching(/:role\/First-FnServiceRole/), aliases: [], urls: [] },
      {
        ...second,
        roleArn: expect.stringMatching(/:role\/Second-FnServiceRole/),
        aliases: ['live'],
        urls: [expect.stringContaining(local.endpoint)],
      },
    ]);
    const [url = ''] = local.functions()[1]?.urls ?? [];
    expect(await (await fetch(url)).text()).toBe('1');
    await local.destroy(['First']);
    expect(local.functions().map(({ functionName }) => functionName)).toEqual(['second']);

    const as = 'arn:aws:iam::111111111111:root';
    const lasts = (durationSeconds?: number) =>
      local.clientConfig({ as, ...(durationSeconds && { durationSeconds }) }).credentials.expiration.getTime();
    expect(lasts(7_200) - lasts()).toBeGreaterThan(3_500_000);
    expect(() => local.clientConfig({ as, durationSeconds: 0.5 })).toThrow(
      'clientConfig(): durationSeconds must be a whole number, 1 or more, got 0.5',
    );
  } finally {
    await local.stop();
    rmSync(outdir, { recursive: true, force: true });
  }
});

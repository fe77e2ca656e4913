/**
 * Deploys examples to this machine and says where they answer. A scripted model takes the place of OpenAI's.
 *
 *   npx tsx --tsconfig examples/tsconfig.json examples/serve.ts hono-ssr
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalTarget, type StartLocalOptions, startLocal } from 'cdk-lambda-streaming/local';
import { startScriptedModel } from 'cdk-lambda-streaming/testing';

export interface Served {
  readonly local: LocalTarget;
  stop(): Promise<void>;
}

/** @param names folders of examples, each with an app.ts */
export async function serveExamples(names: readonly string[], options: StartLocalOptions = {}): Promise<Served> {
  const folder = mkdtempSync(join(tmpdir(), 'examples-'));
  const model = await startScriptedModel({
    tokens: ['Streams ', 'are ', 'lists ', 'that ', 'take ', 'time.'],
    pauseMs: 50,
  });
  const local = await startLocal(options);
  const stop = async () => {
    await Promise.all([local.stop(), model.stop()]);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    Object.assign(process.env, { OPENAI_BASE_URL: `${model.url}/v1`, OPENAI_API_KEY: 'none is needed' });
    for (const name of names) {
      // What the `cdk` CLI tells an app, and does with it.
      process.env.CDK_OUTDIR = join(folder, name);
      require(join(__dirname, name, 'app'));
      await local.deploy(process.env.CDK_OUTDIR);
    }
    return { local, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

if (require.main === module) {
  const outputs = join(tmpdir(), `outputs-${process.pid}.json`);
  void serveExamples(process.argv.slice(2)).then(({ local, stop }) => {
    local.writeOutputsFile(outputs);
    console.log(require(outputs), '\nEnd with Ctrl-C.');
    rmSync(outputs);
    for (const event of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(event, () => void stop());
  });
}

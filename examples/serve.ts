/**
 * Deploys examples to this machine and says where they answer. A scripted model takes the place of OpenAI's.
 *
 *   npm run example -- hono-ssr
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalTarget, type StartLocalOptions, startLocal } from 'cdk-lambda-streaming/local';
import { startScriptedModel } from 'cdk-lambda-streaming/testing';

export interface Served {
  readonly local: LocalTarget;
  stop(): Promise<void>;
}

/**
 * @param names folders of examples, each with an app.ts
 * @param otherModel takes the place of the scripted one; who started it stops it
 */
export async function serveExamples(
  names: readonly string[],
  options: StartLocalOptions = {},
  otherModel?: { readonly url: string },
): Promise<Served> {
  const folder = mkdtempSync(join(tmpdir(), 'examples-'));
  const scripted = await startScriptedModel({
    tokens: ['Streams ', 'are ', 'lists ', 'that ', 'take ', 'time.'],
    pauseMs: 50,
  });
  const model = otherModel ?? scripted;
  const local = await startLocal(options);
  const stop = async () => {
    await Promise.all([local.stop(), scripted.stop()]);
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

/** What the stacks say, and for each role among it how to become it: for clients that look for credentials in the environment. */
function tell(local: LocalTarget): void {
  const file = join(tmpdir(), `outputs-${process.pid}.json`);
  local.writeOutputsFile(file);
  const stacks: Record<string, Record<string, string>> = JSON.parse(readFileSync(file, 'utf8'));
  rmSync(file);
  for (const [output, value] of Object.values(stacks).flatMap(Object.entries)) {
    console.log(`${output}: ${value}`);
    if (!output.endsWith('RoleArn')) continue;
    const { endpoint, region, credentials } = local.clientConfig({ as: value });
    const { accessKeyId, secretAccessKey, sessionToken } = credentials;
    console.log(`export AWS_ENDPOINT_URL=${endpoint} AWS_REGION=${region} AWS_ACCESS_KEY_ID=${accessKeyId} \\
  AWS_SECRET_ACCESS_KEY=${secretAccessKey} AWS_SESSION_TOKEN=${sessionToken}`);
  }
  console.log('End with Ctrl-C.');
}

/** @throws an error for no name, or one that is no example with an app that stands alone */
function checkNames(names: readonly string[]): readonly string[] {
  const known = readdirSync(__dirname).filter(
    (name) => existsSync(join(__dirname, name, 'handler.ts')) || existsSync(join(__dirname, name, 'handler.tsx')),
  );
  const wrong = names.find((name) => !known.includes(name));
  if (names.length > 0 && wrong === undefined) return names;
  throw new Error(`name an example: ${known.join(', ')}; got ${wrong === undefined ? 'none' : `'${wrong}'`}`);
}

async function main(): Promise<void> {
  const { local, stop } = await serveExamples(checkNames(process.argv.slice(2)), { port: 0 });
  tell(local);
  for (const event of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(event, () => void stop());
}

if (require.main === module) {
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}

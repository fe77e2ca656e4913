/** A process of its own with the Lambda API in it, bundled from the sources, so that tests can end it in any way. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { FrameDecoder } from '../../../src/wire/frame-decoder';

const ROOT = join(__dirname, '..', '..', '..');
const SOURCE = join(ROOT, 'src', 'local');

/** The program: serves the functions in the folders it is given, to anybody. */
const program = `
import { createLambdaApi } from ${JSON.stringify(join(SOURCE, 'operations', 'lambda-api.ts'))};
import { countingInvocations } from ${JSON.stringify(join(SOURCE, 'operations', 'lambda-call.ts'))};
import { EnvironmentPool } from ${JSON.stringify(join(SOURCE, 'runtime', 'environment-pool.ts'))};
import { startHttpServer } from ${JSON.stringify(join(SOURCE, 'http', 'server.ts'))};
import { emptyState } from ${JSON.stringify(join(SOURCE, 'state.ts'))};
const account = '111111111111', region = 'eu-west-1', functionName = 'subject';
const functionArn = 'arn:aws:lambda:eu-west-1:111111111111:function:subject';
const configuration = { account, region, functionName, version: '$LATEST', codeDirectory: process.argv[2], handler: 'index.handler',
  runtime: 'nodejs24.x', timeoutSeconds: 900, memoryMb: 256, environment: {}, roleArn: 'role', logGroupName: 'group' };
const state = emptyState();
state.functions.set(functionArn, { functionArn, account, region, functionName, versions: new Map([['$LATEST', configuration]]),
  aliases: new Map(), urls: [], resourcePolicies: new Map(), lastVersion: 0 });
const credentials = { secretAccessKey: '', principal: { kind: 'administrator', arn: 'p', account } };
const authenticate = () => ({ authenticated: true, accessKeyId: 'k', region, service: 'lambda', credentials });
const pool = new EnvironmentPool({}, () => ({}));
const api = createLambdaApi(
  countingInvocations({ state, authenticate, authorize: () => ({ allowed: true }), pool, options: {} }),
);
startHttpServer([api]).then((server) => console.log(server.port));
`;

export interface HostProcess {
  readonly child: ChildProcess;
  readonly port: number;
  /** Invokes the function and resolves with the first line it streams. */
  invoke(): Promise<string>;
  dispose(): void;
}

/** Bundles to CommonJS or to an ES module, as the package is published. */
export async function startHost(handlerSource: string, format: 'cjs' | 'esm' = 'cjs'): Promise<HostProcess> {
  const cache = join(ROOT, '.cache');
  mkdirSync(cache, { recursive: true });
  // Inside the package, so that it finds the runtime as an installed copy does.
  const folder = mkdtempSync(join(cache, 'host-'));
  const codeDirectory = join(folder, 'code');
  mkdirSync(codeDirectory);
  writeFileSync(join(codeDirectory, 'index.mjs'), handlerSource);
  const entry = join(folder, 'host.ts');
  const bundle = join(folder, format === 'cjs' ? 'host.cjs' : 'host.mjs');
  writeFileSync(entry, program);
  const banner =
    "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);";
  const flags = ['--bundle', '--platform=node', `--format=${format}`, `--outfile=${bundle}`, '--log-level=error'];
  const built = spawnSync(
    join(ROOT, 'node_modules', '.bin', 'esbuild'),
    [entry, ...flags, ...(format === 'esm' ? [`--banner:js=${banner}`] : [])],
    { encoding: 'utf8' },
  );
  if (built.status !== 0) throw new Error(built.stderr);
  const child = spawn(process.execPath, [bundle, codeDirectory], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const port = Number(line);
  return {
    child,
    port,
    invoke: () => firstLine(port),
    dispose: () => {
      child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function firstLine(port: number): Promise<string> {
  const path = '/2021-11-15/functions/subject/response-streaming-invocations';
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST' });
  let text = '';
  const frames = new FrameDecoder();
  for await (const part of response.body ?? []) {
    frames.push(part);
    // The line may come in more than one frame.
    for (let frame = frames.next(); frame !== undefined; frame = frames.next()) text += Buffer.from(frame.payload);
    const line = /<<(.*)>>/.exec(text);
    if (line?.[1] !== undefined) return line[1];
  }
  throw new Error(`no line in: ${text}`);
}

/** Far more than it takes; a test that waits for ever would keep the whole run from ending. */
const GONE_WITHIN_MS = 20_000;

/** Resolves when the process has ended; ends one that stays, and rejects. */
export async function processGone(pid: number): Promise<void> {
  const latest = performance.now() + GONE_WITHIN_MS;
  while (isRunning(pid)) {
    if (performance.now() > latest) {
      process.kill(pid, 'SIGKILL');
      throw new Error(`process ${pid} was still running after ${GONE_WITHIN_MS} ms`);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // In a container nobody may collect orphans: they stay as zombies, which is gone enough.
    return !existsSync(`/proc/${pid}/stat`) || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

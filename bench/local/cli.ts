/**
 * How long the unmodified `cdk` CLI takes on the local target, how much of it is the CLI starting, and how much the target
 * answering. CPU time, of the CLI with its app, of a bare Node.js and of the target, says more than the clock where others use the machine. Run with `npx tsx --tsconfig test/tsconfig.json bench/local/cli.ts` on a quiet machine; `ROUNDS=9` for more.
 */
import { spawn } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { startLocal } from 'cdk-lambda-streaming/local';

const ROUNDS = Number(process.env['ROUNDS'] ?? 5);
const CLI = process.env['CDK_CLI'] ?? require.resolve('aws-cdk/bin/cdk');
const AIMS: Readonly<Record<string, number>> = { deploy: 2500, 'no change': 1500, hotswap: 2000 };

/** What the target was asked since the last call: how often, and the milliseconds in which it had something to answer. */
function watchServer(): () => { requests: number; busy: number } {
  let spans: { from: number; to: number }[] = [];
  const begun = new Map<unknown, number>();
  subscribe('http.server.request.start', (message) =>
    begun.set((message as { request: unknown }).request, performance.now()),
  );
  subscribe('http.server.response.finish', (message) => {
    const { request } = message as { request: unknown };
    spans.push({ from: begun.get(request) ?? Number.NaN, to: performance.now() });
    begun.delete(request);
  });
  return () => {
    const sorted = spans.sort((a, b) => a.from - b.from);
    spans = [];
    let [busy, until] = [0, 0];
    for (const { from, to } of sorted) {
      busy += Math.max(0, to - Math.max(from, until));
      until = Math.max(until, to);
    }
    return { requests: sorted.length, busy };
  };
}

/** Lies in a folder of its own, so it names the library by its path. */
const APP = `const { App, Stack } = require(${JSON.stringify(require.resolve('aws-cdk-lib/core'))});
const lambda = require(${JSON.stringify(require.resolve('aws-cdk-lib/aws-lambda'))});
const stack = new Stack(new App(), 'Hello', { env: { account: '111111111111', region: 'eu-west-1' } });
new lambda.Function(stack, 'Fn', { runtime: lambda.Runtime.NODEJS_22_X, handler: 'index.handler', code: lambda.Code.fromAsset(process.env.CODE) });
`;

/** Loaded into the CLI and all that it starts: each process adds its CPU time to a file. */
const TELL_CPU = `process.on('exit', () => {
  const { user, system } = process.cpuUsage();
  require('node:fs').appendFileSync(process.env.CPU_FILE, (user + system) / 1000 + '\\n');
});`;

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

interface Measured {
  readonly name: string;
  readonly time: number;
  readonly cpu: number;
  readonly floor: number;
  readonly floorCpu: number;
  readonly bareCpu: number;
  readonly targetCpu: number;
  readonly busy: number;
  readonly requests: number;
}

function row(head: string, cells: readonly string[]): void {
  process.stdout.write(`${head.padEnd(20)}${cells.map((cell) => cell.padStart(13)).join('')}\n`);
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-cli-'));
  const local = await startLocal();
  const own: NodeJS.ProcessEnv = {
    ...local.environment({ as: 'arn:aws:iam::111111111111:root', region: 'eu-west-1' }),
  };
  const served = watchServer();
  let code = 0;

  const cpuFile = join(folder, 'cpu');
  const tellCpu = join(folder, 'tell-cpu.cjs');
  writeFileSync(tellCpu, TELL_CPU);
  Object.assign(own, { CPU_FILE: cpuFile, NODE_OPTIONS: `--require ${tellCpu}` });

  async function run(program: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<{ time: number; cpu: number }> {
    writeFileSync(cpuFile, '');
    const start = performance.now();
    const child = spawn(process.execPath, program, {
      cwd: folder,
      env: { ...process.env, ...own, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const [status] = await once(child, 'close');
    if (status !== 0) throw new Error(`${program.join(' ')} ended with ${status}: ${said}`);
    const time = performance.now() - start;
    const cpu = readFileSync(cpuFile, 'utf8')
      .split('\n')
      .reduce((sum, line) => sum + Number(line), 0);
    return { time, cpu };
  }

  /** A folder with code that was not there before. */
  function newCode(): string {
    const at = join(folder, `code-${++code}`);
    mkdirSync(at);
    writeFileSync(join(at, 'index.js'), `exports.handler = async () => ${code};`);
    return at;
  }

  const app = join(folder, 'app.cjs');
  try {
    writeFileSync(app, APP);
    const table = new Map<string, Measured[]>();
    for (const kind of ['a folder', 'an app'] as const) {
      for (let round = 0; round < ROUNDS; round++) {
        /** Runs `cdk` with the app, or with what it wrote before the clock started. */
        const cdk = async (name: string, CODE: string, ...command: string[]) => {
          const out = join(folder, `cdk.out-${code}`);
          if (kind === 'a folder') await run([app], { CODE, CDK_OUTDIR: out });
          const given = kind === 'a folder' ? out : `node ${app}`;
          served();
          const before = process.cpuUsage();
          const { time, cpu } = await run(
            [CLI, ...command, '--app', given, '--no-notices', '--ci', '--require-approval', 'never'],
            { CODE },
          );
          const { user, system } = process.cpuUsage(before);
          const floor = await run([CLI, '--version']);
          const bare = await run(['--eval', '0']);
          const key = `${kind}, ${name}`;
          const numbers = {
            time,
            cpu,
            floor: floor.time,
            floorCpu: floor.cpu,
            bareCpu: bare.cpu,
            targetCpu: (user + system) / 1000,
          };
          table.set(key, [...(table.get(key) ?? []), { name, ...numbers, ...served() }]);
        };
        const first = newCode();
        await cdk('deploy', first, 'deploy');
        await cdk('no change', first, 'deploy');
        await cdk('hotswap', newCode(), 'deploy', '--hotswap');
        await cdk('destroy', first, 'destroy', '--force');
      }
    }
    const load = loadavg()
      .map((each) => each.toFixed(1))
      .join(' ');
    process.stdout.write(`load ${load}, Node.js ${process.version}, medians of ${ROUNDS} in ms\n`);
    row('', ['cdk', 'aim', '--version', 'CPU of cdk', 'of --version', 'of node', 'of target', 'answering', 'requests']);
    for (const [key, runs] of table) {
      const of = (what: (run: Measured) => number) => median(runs.map(what));
      const time = of((each) => each.time);
      const aim = AIMS[runs[0]?.name ?? ''];
      row(key, [
        time.toFixed(0),
        aim === undefined ? '' : `${aim}${time > aim ? ' MISSED' : ''}`,
        ...[
          of((each) => each.floor),
          of((each) => each.cpu),
          of((each) => each.floorCpu),
          of((each) => each.bareCpu),
          of((each) => each.targetCpu),
          of((each) => each.busy),
          of((each) => each.requests),
        ].map((each) => each.toFixed(0)),
      ]);
    }
  } finally {
    await local.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
});

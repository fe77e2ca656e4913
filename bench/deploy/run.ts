/**
 * How long a programmatic deployment takes, against the least that any deployment must do: read and parse the assembly.
 *
 *   npx tsx --tsconfig test/tsconfig.json bench/deploy/run.ts
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { App, Stack } from 'aws-cdk-lib/core';
import { StreamingFunction } from 'cdk-lambda-streaming';
import { startLocal } from 'cdk-lambda-streaming/local';

const ROUNDS = 15;
/** Functions, and log groups beside them, so that one row is of 50 resources: what the aim is for. */
const SIZES = [
  [1, 0],
  [6, 6],
  [50, 0],
] as const;

function synth(functions: number, logGroups: number, outdir: string): string {
  const app = new App({ outdir });
  const caller = new Stack(app, 'Caller', { env: { account: '222222222222', region: 'eu-west-1' } });
  const owner = new Stack(app, 'Owner', { env: { account: '111111111111', region: 'eu-west-1' } });
  const role = new iam.Role(caller, 'Role', { roleName: 'Caller', assumedBy: new iam.AccountRootPrincipal() });
  for (let i = 0; i < functions; i++) {
    const code = lambda.Code.fromInline(`exports.handler = async () => ${i};`);
    new StreamingFunction(owner, `Fn${i}`, { functionName: `fn-${i}`, code }).streamGrants.invoke(role);
  }
  for (let i = 0; i < logGroups; i++) new logs.LogGroup(owner, `Group${i}`);
  return app.synth().directory;
}

function parseAll(directory: string): void {
  for (const file of readdirSync(directory)) {
    if (file.endsWith('.json') && file !== 'tree.json') JSON.parse(readFileSync(join(directory, file), 'utf8'));
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function timed(action: () => unknown): Promise<number> {
  const started = performance.now();
  await action();
  return performance.now() - started;
}

async function main(): Promise<void> {
  process.stdout.write('functions  resources   parse only   deploy   ratio   again\n');
  for (const [functions, logGroups] of SIZES) {
    const outdir = mkdtempSync(join(tmpdir(), 'bench-deploy-'));
    try {
      const directory = synth(functions, logGroups, outdir);
      const [parse, first, again]: [number[], number[], number[]] = [[], [], []];
      let resources = 0;
      for (let round = 0; round < ROUNDS; round++) {
        parse.push(await timed(() => parseAll(directory)));
        const local = await startLocal();
        first.push(
          await timed(async () => {
            const { stacks } = await local.deploy(directory);
            resources = stacks.reduce((sum, { changes }) => sum + Object.keys(changes).length, 0);
          }),
        );
        again.push(await timed(() => local.deploy(directory)));
        await local.stop();
      }
      const cells = [
        String(functions).padStart(9),
        String(resources).padStart(10),
        `${median(parse).toFixed(1)} ms`.padStart(12),
        `${median(first).toFixed(1)} ms`.padStart(8),
        `${(median(first) / median(parse)).toFixed(1)}x`.padStart(7),
        `${median(again).toFixed(1)} ms`.padStart(7),
      ];
      process.stdout.write(`${cells.join(' ')}\n`);
    } finally {
      rmSync(outdir, { recursive: true, force: true });
    }
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
});

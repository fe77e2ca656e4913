/** Deploys and destroys a ready cloud assembly on AWS by the `cdk` CLI of the project under test. */

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandToAdd } from '../local/command-to-add';

/** What of an assembly is meant. */
export interface CdkRun {
  readonly assembly: string;
  /** None: all stacks. */
  readonly stacks: readonly string[];
}

/** Outputs by stack and key, as `--outputs-file` has them. */
export type OutputsByStack = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Runs `cdk deploy`; gives the outputs of the stacks. Throws with the end of what the CLI printed. */
export async function deployToAws(run: CdkRun): Promise<OutputsByStack> {
  const folder = mkdtempSync(join(tmpdir(), 'stream-test-'));
  try {
    const file = join(folder, 'outputs.json');
    await runCdk(deployArguments(run, file));
    return JSON.parse(readFileSync(file, 'utf8')) as OutputsByStack;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs `cdk destroy`. */
export async function destroyOnAws(run: CdkRun): Promise<void> {
  await runCdk(destroyArguments(run));
}

/** Arguments of `cdk deploy`. */
export function deployArguments({ assembly, stacks }: CdkRun, outputsFile: string): readonly string[] {
  const options = ['--require-approval', 'never', '--outputs-file', outputsFile];
  return ['deploy', '--app', assembly, ...options, ...namesOrAll(stacks)];
}

/** Arguments of `cdk destroy`. */
export function destroyArguments({ assembly, stacks }: CdkRun): readonly string[] {
  return ['destroy', '--app', assembly, '--force', ...namesOrAll(stacks)];
}

function namesOrAll(stacks: readonly string[]): readonly string[] {
  return stacks.length > 0 ? stacks : ['--all'];
}

/** How much of the CLI's output an error repeats, in characters. */
const EXCERPT_LENGTH = 4_000;

async function runCdk(args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [cdkProgram(), ...args, '--ci', '--no-color'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: process.env, // said aloud: jest gives tests an environment of their own
  });
  let printed = '';
  const keep = (text: Buffer) => {
    printed = (printed + text.toString()).slice(-EXCERPT_LENGTH);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`cdk ${args.join(' ')} ended with ${code ?? 'a signal'}:\n${printed.trim()}`);
}

function cdkProgram(): string {
  try {
    return nodeModule.createRequire(join(process.cwd(), 'package.json')).resolve('aws-cdk/bin/cdk');
  } catch (error) {
    throw new Error(`deploying to AWS needs the CDK CLI in the project; run '${commandToAdd('aws-cdk')}'`, {
      cause: error,
    });
  }
}

/** From an app to its cloud assembly, as the `cdk` CLI does it: by the command in cdk.json, with the context that is there. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { isObject } from '../base/is-object';
import { onProcessEnd } from '../local/exit-cleanup';
import { BUNDLE_INPUTS_VARIABLE, type BundleRecipe } from '../wire/bundle-inputs';
import { UsageError } from './usage-error';

/** For an app that is told to end. */
const PATIENCE_MS = 2_000;

/** https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_08_02 */
const NOT_FOUND = 127;

/** What is deployed. */
export interface AppSource {
  /** Folder of the cloud assembly. */
  readonly assembly: string;
  /** The command that writes it; undefined where the assembly was given. */
  readonly command: string | undefined;
}

/** The command line could not be run, or failed. */
class SynthError extends Error {
  public readonly code = 'SYNTH_FAILED';
}

/** @param app a command, or the folder of a cloud assembly; without it the one in cdk.json, or cdk.out */
export function appSource(app: string | undefined): AppSource {
  const { app: own, output = 'cdk.out' } = cdkJson();
  const given = app ?? (typeof own === 'string' ? own : undefined) ?? (isAssembly('cdk.out') ? 'cdk.out' : undefined);
  if (given === undefined) {
    throw new UsageError("there is no app: give --app 'command', --app cdk.out, or start in the folder of a cdk.json");
  }
  if (given.trim() === '') throw new UsageError("--app must be a command or the folder of a cloud assembly, got ''");
  if (isAssembly(given)) return { assembly: resolve(given), command: undefined };
  if (existsSync(given) && statSync(given).isDirectory()) {
    throw new UsageError(
      `--app must be a command or the folder of a cloud assembly, got '${given}', which has no manifest.json`,
    );
  }
  // Absolute: an app may change its working directory.
  return { assembly: resolve(String(output)), command: given };
}

/**
 * What `cdk watch` takes for sources: the patterns of cdk.json.
 * @throws UsageError for what is no pattern
 */
export function watchPatterns(): { readonly include?: readonly string[]; readonly exclude: readonly string[] } {
  const { include, exclude } = objectIn(cdkJson()['watch']);
  const listed = (name: string, value: unknown): readonly string[] => {
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (list.every((each) => typeof each === 'string')) return list;
    throw new UsageError(
      `watch.${name} of cdk.json must be a pattern or an array of patterns, got ${JSON.stringify(value)}`,
    );
  };
  const included = include === undefined ? [] : listed('include', include);
  return {
    ...(included.length > 0 && { include: included }),
    exclude: exclude === undefined ? [] : listed('exclude', exclude),
  };
}

/**
 * Runs the app's command. What it prints goes to standard error.
 * @param onInputs is told the files that bundles are made of, also where the app fails
 * @returns how the bundles are made
 * @throws an error of code `SYNTH_FAILED`
 */
export async function synthesize(
  source: AppSource,
  signal: AbortSignal,
  onInputs: (files: readonly string[]) => void,
): Promise<readonly BundleRecipe[]> {
  const { command } = source;
  if (command === undefined) return [];
  const folder = mkdtempSync(join(tmpdir(), 'cdk-lambda-streaming-synth-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const forget = onProcessEnd(remove);
  const inputs = join(folder, 'inputs');
  writeFileSync(inputs, '');
  const lines = () => [...new Set(readFileSync(inputs, 'utf8').split('\n').filter(Boolean))];
  const isRecipe = (line: string) => line.startsWith('{');
  try {
    await runApp({ ...source, command }, signal, inputs);
    return lines()
      .filter(isRecipe)
      .map((line) => JSON.parse(line) as BundleRecipe);
  } finally {
    onInputs(lines().filter((line) => !isRecipe(line)));
    remove();
    forget();
  }
}

async function runApp(
  { assembly, command }: AppSource & { readonly command: string },
  signal: AbortSignal,
  inputs: string,
): Promise<void> {
  const context = {
    ...objectIn(cdkJson()['context']),
    ...objectIn(readJson('cdk.context.json')),
    // Without it nothing can be said in the words of the app.
    'aws:cdk:enable-path-metadata': true,
    'aws:cdk:enable-asset-metadata': true,
  };
  const { CDK_VALIDATION = 'false', ...others } = process.env;
  const child = spawn(command, {
    shell: true,
    stdio: ['ignore', 'pipe', 'inherit'],
    // The CloudFormation validator of newer versions of aws-cdk-lib takes seconds, and nothing here goes to CloudFormation.
    env: {
      ...others,
      CDK_VALIDATION,
      CDK_OUTDIR: assembly,
      CDK_CONTEXT_JSON: JSON.stringify(context),
      [BUNDLE_INPUTS_VARIABLE]: inputs,
    },
    // In a group of its own, so that what the shell starts ends with it.
    detached: process.platform !== 'win32',
  });
  child.stdout.pipe(process.stderr, { end: false });
  const end = (name: NodeJS.Signals) => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    if (process.platform === 'win32') child.kill(name);
    else process.kill(-child.pid, name);
  };
  let patience: NodeJS.Timeout | undefined;
  const ask = () => {
    end('SIGTERM');
    patience = setTimeout(() => end('SIGKILL'), PATIENCE_MS);
  };
  signal.addEventListener('abort', ask, { once: true });
  // Whoever interrupts twice does not wait for it.
  const forget = onProcessEnd(() => end('SIGKILL'));
  try {
    const [code, name] = await new Promise<readonly [number | null, string | null]>((done, fail) => {
      child.once('error', fail);
      child.once('close', (code, name) => done([code, name]));
    });
    signal.throwIfAborted();
    if (code !== 0) {
      const hint = code === NOT_FOUND ? ', with which a shell says that there is no such command' : '';
      throw new SynthError(`the app '${command}' failed: ${name ?? `exit code ${code}${hint}`}`);
    }
    if (!isAssembly(assembly)) {
      throw new SynthError(`the app '${command}' wrote no cloud assembly to ${assembly}; does it call app.synth()?`);
    }
  } finally {
    signal.removeEventListener('abort', ask);
    clearTimeout(patience);
    forget();
  }
}

function isAssembly(folder: string): boolean {
  return existsSync(join(folder, 'manifest.json'));
}

function cdkJson(): Readonly<Record<string, unknown>> {
  return objectIn(readJson('cdk.json'));
}

const objectIn = (value: unknown): Readonly<Record<string, unknown>> => (isObject(value) ? value : {});

function readJson(file: string): unknown {
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`${resolve(file)} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

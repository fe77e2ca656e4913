/** The commands of a build step: asks the hooks of the user for theirs, and runs commands as `NodejsFunction` does. */
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import type { ICommandHooks } from 'aws-cdk-lib/aws-lambda-nodejs';
import { show } from '../../../base/option-problem';
import { BundlingError } from '../bundling-error';
import { field } from '../failures';

const STDERR = 2;

/** Where, and with what environment variables besides those of synth, commands run. */
export interface CommandContext {
  readonly cwd: string;
  readonly environment: { readonly [name: string]: string };
}

/** The commands of a hook, none when there are no hooks. */
export function hookLines(
  hooks: ICommandHooks | undefined,
  name: keyof ICommandHooks,
  inputDir: string,
  outputDir: string,
): readonly string[] {
  const lines: unknown = hooks?.[name](inputDir, outputDir) ?? [];
  if (Array.isArray(lines) && lines.every((line) => typeof line === 'string')) return lines;
  throw new BundlingError('OptionInvalid', `commandHooks.${name}() must return a list of commands, got ${show(lines)}`);
}

/** Runs lines of a shell one after the other. */
export function runShell(lines: readonly string[], context: CommandContext): void {
  for (const line of lines) {
    const windows = process.platform === 'win32';
    const [shell, flag] = windows ? [process.env['COMSPEC'] ?? 'cmd', '/c'] : ['bash', '-c'];
    run(shell, [flag, line], context, line, { verbatim: windows });
  }
}

/**
 * Runs a program found on the path, which on Windows may be a script.
 *
 * @throws BundlingError that ends with `remedy` where the path has no such program
 */
export function runProgram(program: string, args: readonly string[], context: CommandContext, remedy?: string): void {
  const line = [program, ...args].join(' ');
  if (process.platform === 'win32') runShell([line], context);
  else run(program, args, context, line, { remedy });
}

interface Run {
  readonly verbatim?: boolean;
  readonly remedy?: string | undefined;
}

function run(
  file: string,
  args: readonly string[],
  context: CommandContext,
  line: string,
  { verbatim = false, remedy }: Run,
): void {
  // What commands print goes to standard error: standard output belongs to whoever synthesizes.
  const { status, error } = spawnSync(file, args, {
    cwd: context.cwd,
    env: { ...process.env, ...context.environment },
    // By number, as `process.stderr` of a worker thread is not a file.
    stdio: ['ignore', STDERR, STDERR],
    windowsVerbatimArguments: verbatim,
  });
  if (field(error, 'code') === 'ENOENT' && remedy !== undefined && fs.existsSync(context.cwd))
    throw new BundlingError('ToolMissing', `'${line}' could not be run: ${file} is not on the PATH. ${remedy}`);
  if (error)
    throw new BundlingError('CommandFailed', `'${line}' could not be run in ${context.cwd}: ${error.message}`, error);
  if (status !== 0)
    throw new BundlingError('CommandFailed', `'${line}' failed in ${context.cwd} with exit status ${status}`);
}

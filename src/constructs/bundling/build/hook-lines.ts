/** Asks a command hook of the user for its commands. */
import type { ICommandHooks } from 'aws-cdk-lib/aws-lambda-nodejs';
import { BundlingError } from '../bundling-error';
import { shown } from '../options/check-options';

/** The commands of a hook, none when there are no hooks. */
export function hookLines(
  hooks: ICommandHooks | undefined,
  name: keyof ICommandHooks,
  inputDir: string,
  outputDir: string,
): readonly string[] {
  const lines: unknown = hooks?.[name](inputDir, outputDir) ?? [];
  if (Array.isArray(lines) && lines.every((line) => typeof line === 'string')) return lines;
  throw new BundlingError(`commandHooks.${name}() must return a list of commands, got: ${shown(lines)}`);
}

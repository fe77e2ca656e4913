/** Compiles an entry with `tsc` before esbuild sees it, for what only `tsc` can emit, such as decorator metadata. */
import { createRequire } from 'node:module';
import * as path from 'node:path';
import { BundlingError } from '../bundling-error';
import { readJson } from '../files/json-file';
import { isFile } from '../files/probe';
import { nearest, type Project } from '../files/project-root';
import { compilerOptionsOf } from '../files/tsconfig-chain';
import type { BuildSettings } from './build-settings';
import { type CommandContext, runProgram } from './commands';
import { commandToAdd } from './package-manager';

/** Options that would keep `tsc` from writing next to the sources. */
const LEFT_OUT = ['composite', 'charset', 'noEmit', 'tsBuildInfoFile'];

/** Writes JavaScript next to the TypeScript sources, and gives settings that build the entry from there. */
export function preCompile(settings: BuildSettings, context: CommandContext): BuildSettings {
  const { entry, project } = settings;
  const { file, ignoresConfig } = findCompiler(project);
  runProgram(process.execPath, [file, entry, ...ignoresConfig, ...compilerArgumentsFor(settings)], context);
  return { ...settings, entry: compiledName(entry) };
}

/** The options of the project's tsconfig as flags of `tsc`. */
export function compilerArgumentsFor({ entry, esbuild }: BuildSettings): string[] {
  if (!/\.tsx?$/.test(entry))
    throw new BundlingError('OptionInvalid', `preCompilation needs a .ts or .tsx entry, got '${entry}'`);
  return compilerArguments(compilerOptionsOf(esbuild.tsconfig ?? nearestTsconfig(entry)));
}

/** Where `tsc` writes a file to. */
export function compiledName(file: string): string {
  return file.replace(/\.ts(x?)$/, '.js$1');
}

function nearestTsconfig(entry: string): string {
  const dir = nearest(path.dirname(entry), (above) => isFile(path.join(above, 'tsconfig.json')));
  if (dir) return path.join(dir, 'tsconfig.json');
  throw new BundlingError(
    'OptionInvalid',
    'preCompilation needs a tsconfig.json above the entry, or one named by tsconfig',
  );
}

/** From version 6 on, `tsc` refuses to compile a named file beside a tsconfig unless it is told to ignore that. */
const FIRST_STRICT_VERSION = 6;

function findCompiler(project: Project): { file: string; ignoresConfig: string[] } {
  const description = [path.join(project.root, 'package.json'), __filename]
    .flatMap((from) => createRequire(from).resolve.paths('typescript') ?? [])
    .map((modules) => path.join(modules, 'typescript', 'package.json'))
    .find(isFile);
  if (description === undefined) {
    throw new BundlingError(
      'ToolMissing',
      `preCompilation needs TypeScript. Run: ${commandToAdd('typescript', project)}`,
    );
  }
  const major = Number.parseInt(String(readJson(description)?.['version']), 10);
  return {
    file: path.join(path.dirname(description), 'bin', 'tsc'),
    ignoresConfig: major >= FIRST_STRICT_VERSION ? ['--ignoreConfig'] : [],
  };
}

function compilerArguments(options: Record<string, unknown>): string[] {
  const all: Record<string, unknown> = { ...options, incremental: false, rootDir: './', outDir: './' };
  return Object.keys(all)
    .sort()
    .filter((name) => !LEFT_OUT.includes(name))
    .flatMap((name) => {
      const value = all[name];
      if (typeof value === 'boolean') return value ? [`--${name}`] : [`--${name}`, 'false'];
      if (typeof value === 'string') return [`--${name}`, value];
      return Array.isArray(value) ? [`--${name}`, value.join(',')] : [];
    });
}

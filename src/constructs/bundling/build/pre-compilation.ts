/** Compiles an entry with `tsc` before esbuild sees it, for what only `tsc` can emit, such as decorator metadata. */
import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import * as path from 'node:path';
import { BundlingError } from '../bundling-error';
import { parseJson, record } from '../files/json-file';
import { isFile } from '../files/probe';
import { ancestors, nearest, type Project } from '../files/project-root';
import { compilerOptionsOf } from '../files/tsconfig-chain';
import type { BuildSettings } from './build-settings';
import { type CommandContext, runProgram } from './commands';
import { commandToAdd } from './package-manager';

/** Stands for the directory of the tsconfig that is compiled with, in those that it extends. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: it is written like this in a tsconfig
const CONFIG_DIR = '${configDir}';

/** What is about files that are not wanted, or contradicts what is. */
const OVERRIDDEN = {
  noEmit: false,
  emitDeclarationOnly: false,
  declaration: false,
  declarationMap: false,
  isolatedDeclarations: false,
  composite: false,
  incremental: false,
  tsBuildInfoFile: null,
  outFile: null,
  sourceMap: false,
};

/**
 * Compiles the entry and what it imports into a folder of our own, and gives settings that build from there.
 *
 * By a tsconfig that extends the project's, so that every option means what it means there.
 */
export function preCompile(settings: BuildSettings, context: CommandContext, scratch: string): BuildSettings {
  const { entry, project } = settings;
  const compiler = findCompiler(project);
  const outDir = fs.mkdtempSync(path.join(scratch, 'compiled-'));
  const config = path.join(outDir, 'tsconfig.json');
  fs.writeFileSync(config, JSON.stringify(configFor(settings, outDir)));
  runProgram(process.execPath, [compiler, '-p', config], context);
  const compiled = compiledSources(project.root, outDir);
  if (!(entry in compiled)) {
    throw new BundlingError('BuildFailed', `tsc made nothing of ${entry}; look at the options of its tsconfig`);
  }
  if (settings.esbuild.sourcemap) for (const [source, made] of Object.entries(compiled)) nameSource(source, made);
  return { ...settings, compiled };
}

function configFor({ entry, project, esbuild }: BuildSettings, outDir: string): object {
  const tsconfig = tsconfigFor(entry, esbuild.tsconfig);
  const dir = path.dirname(tsconfig);
  const options = compilerOptionsOf(tsconfig);
  const moved = Object.entries(options).filter(([, value]) => JSON.stringify(value).includes(CONFIG_DIR));
  const map = Boolean(esbuild.sourcemap);
  return {
    extends: tsconfig,
    compilerOptions: {
      // Types are looked for above the tsconfig, which is ours here.
      ...(options['typeRoots'] === undefined && { typeRoots: typeRootsAbove(dir) }),
      ...JSON.parse(JSON.stringify(Object.fromEntries(moved)).replaceAll(CONFIG_DIR, dir.split(path.sep).join('/'))),
      ...OVERRIDDEN,
      ...(options['allowImportingTsExtensions'] === true && { rewriteRelativeImportExtensions: true }),
      inlineSourceMap: map,
      inlineSources: map,
      rootDir: project.root,
      outDir,
    },
    files: [entry],
    include: [],
    references: [],
  };
}

function typeRootsAbove(dir: string): string[] {
  return ancestors(dir).map((above) => path.join(above, 'node_modules', '@types'));
}

/** Which file in `outDir` was made of which source below `root`. */
function compiledSources(root: string, outDir: string): Record<string, string> {
  const made = fs
    .readdirSync(outDir, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.[cm]?jsx?$/.test(name));
  return Object.fromEntries(
    made.flatMap((name) => {
      const place = path.join(root, name);
      const sources = [place.replace(/js(x?)$/, 'ts$1'), place.replace(/jsx?$/, 'tsx'), place].filter(isFile);
      return sources.slice(0, 1).map((source) => [fs.realpathSync(source), path.join(outDir, name)] as const);
    }),
  );
}

const INLINE_MAP = /(\/\/# sourceMappingURL=data:application\/json;base64,)(\S+)\s*$/;

/** The map of a compiled file is read as if it lay beside its source. */
function nameSource(source: string, made: string): void {
  const named = fs.readFileSync(made, 'utf8').replace(INLINE_MAP, (_all, head: string, data: string) => {
    const map = record(parseJson(Buffer.from(data, 'base64').toString('utf8')));
    const moved = { ...map, sourceRoot: '', sources: [path.basename(source)] };
    return `${head}${Buffer.from(JSON.stringify(moved)).toString('base64')}\n`;
  });
  fs.writeFileSync(made, named);
}

/** The options of the project's tsconfig as flags of `tsc`, for a container, in which it writes beside the sources. */
export function compilerArgumentsFor({ entry, esbuild }: BuildSettings): string[] {
  return compilerArguments(compilerOptionsOf(tsconfigFor(entry, esbuild.tsconfig)));
}

/** Where `tsc` writes a file to in a container. */
export function compiledName(file: string): string {
  return file.replace(/\.ts(x?)$/, '.js$1');
}

function tsconfigFor(entry: string, given: string | undefined): string {
  if (/\.[cm]?tsx?$/.test(entry)) return given ?? nearestTsconfig(entry);
  throw new BundlingError('OptionInvalid', `preCompilation needs a .ts or .tsx entry, got '${entry}'`);
}

function nearestTsconfig(entry: string): string {
  const dir = nearest(path.dirname(entry), (above) => isFile(path.join(above, 'tsconfig.json')));
  if (dir) return path.join(dir, 'tsconfig.json');
  throw new BundlingError(
    'OptionInvalid',
    'preCompilation needs a tsconfig.json above the entry, or one named by tsconfig',
  );
}

function findCompiler(project: Project): string {
  const description = [path.join(project.root, 'package.json'), __filename]
    .flatMap((from) => createRequire(from).resolve.paths('typescript') ?? [])
    .map((modules) => path.join(modules, 'typescript', 'package.json'))
    .find(isFile);
  if (description !== undefined) return path.join(path.dirname(description), 'bin', 'tsc');
  throw new BundlingError(
    'ToolMissing',
    `preCompilation needs TypeScript. Run: ${commandToAdd('typescript', project)}`,
  );
}

/** Options that would keep `tsc` from writing next to the sources. */
const LEFT_OUT = ['composite', 'charset', 'noEmit', 'tsBuildInfoFile'];

function compilerArguments(options: Record<string, unknown>): string[] {
  const all: Record<string, unknown> = { ...options, incremental: false, rootDir: './', outDir: './' };
  return Object.keys(all)
    .sort()
    .filter((name) => !LEFT_OUT.includes(name))
    .flatMap((name) => {
      const value = all[name];
      if (typeof value === 'boolean') return value ? [`--${name}`] : [`--${name}`, 'false'];
      if (typeof value === 'string') return [`--${name}`, value];
      // An empty list cannot be said on the command line.
      return Array.isArray(value) && value.length > 0 ? [`--${name}`, value.join(',')] : [];
    });
}

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
  fs.writeFileSync(config, JSON.stringify(configFor(settings, outDir, (_what, file) => file)));
  runProgram(process.execPath, [compiler, '-p', config], context);
  const compiled = compiledSources(project.root, outDir);
  if (!(entry in compiled)) {
    throw new BundlingError('BuildFailed', `tsc made nothing of ${entry}; look at the options of its tsconfig`);
  }
  if (settings.esbuild.sourcemap) for (const [source, made] of Object.entries(compiled)) nameSource(source, made);
  return { ...settings, compiled };
}

/** Names a file of the project where it is compiled: as it is, or as a container has it mounted. */
type Place = (what: string, file: string) => string;

/** A tsconfig that extends the project's; the paths in it are those of `place`, and so is `outDir`. */
function configFor({ entry, project, esbuild }: BuildSettings, outDir: string, place: Place): object {
  const tsconfig = tsconfigFor(entry, esbuild.tsconfig);
  const dir = path.dirname(tsconfig);
  const configDir = place('tsconfig', dir).split(path.sep).join('/');
  const options = compilerOptionsOf(tsconfig);
  const moved = Object.entries(options).filter(([, value]) => JSON.stringify(value).includes(CONFIG_DIR));
  const map = Boolean(esbuild.sourcemap);
  return {
    extends: place('tsconfig', tsconfig),
    compilerOptions: {
      // Types are looked for above the tsconfig, which is ours here.
      ...(options['typeRoots'] === undefined && { typeRoots: typeRootsAbove(configDir) }),
      ...JSON.parse(JSON.stringify(Object.fromEntries(moved)).replaceAll(CONFIG_DIR, configDir)),
      ...OVERRIDDEN,
      ...(options['allowImportingTsExtensions'] === true && { rewriteRelativeImportExtensions: true }),
      inlineSourceMap: map,
      inlineSources: map,
      rootDir: place('projectRoot', project.root),
      outDir,
    },
    files: [place('entry', entry)],
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

/**
 * The same in a container, as commands of a shell that leave the compiled project in `outDir`: what `tsc` wrote, beside links to all
 * that it does not write, so that modules and files are found as they are beside the sources. JSON is copied: esbuild follows a link
 * to a tsconfig.json, and would take its `paths` for those of the sources.
 */
export function compilingCommands(settings: BuildSettings, outDir: string, place: Place): string[] {
  const config = JSON.stringify(configFor(settings, outDir, place));
  const root = place('projectRoot', settings.project.root);
  const twins = ['js', 'jsx', 'mjs', 'cjs'].map((ending) => `[ -e "\${to%.*}.${ending}" ]`).join(' || ');
  return [
    `mkdir -p "${outDir}"`,
    `echo '${config.replaceAll("'", "'\\''")}' > "${outDir}/tsconfig.compile.json"`,
    `tsc -p "${outDir}/tsconfig.compile.json"`,
    `(cd "${outDir}" && find . -type d | while read -r dir; do for file in "${root}/$dir"/* "${root}/$dir"/.[!.]*; do ` +
      `to="$dir/\${file##*/}"; [ -e "$file" ] && [ ! -e "$to" ] || continue; ` +
      `case "$to" in *.ts|*.tsx|*.mts|*.cts) if ${twins}; then continue; fi;; *.json) cp "$file" "$to"; continue;; esac; ` +
      `ln -s "$file" "$to"; done; done)`,
  ];
}

/** The file that `tsc` makes of the entry, seen from the root of the project. */
export function compiledEntry({ entry, project, esbuild }: BuildSettings): string {
  const { jsx } = compilerOptionsOf(tsconfigFor(entry, esbuild.tsconfig));
  const ending = jsx === 'preserve' ? 'jsx' : 'js';
  return path.relative(project.root, entry).split(path.sep).join('/').replace(/tsx$/, ending).replace(/ts$/, 'js');
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

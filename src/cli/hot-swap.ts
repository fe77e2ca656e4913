/**
 * New code before the app has synthesized: builds the bundles again that a saved file is in, and gives an assembly that
 * differs from the last one in them alone. The app's own synth follows, and has the last word.
 */
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type * as esbuild from 'esbuild';
import { isObject } from '../base/is-object';
import { onProcessEnd } from '../local/exit-cleanup';
import { type BundleFile, offerMaps } from '../local/runtime/bundle-maps';
import type { BundleRecipe } from '../wire/bundle-inputs';

type Incremental = esbuild.BuildContext<esbuild.BuildOptions & { write: false }>;

type BuildResult = esbuild.BuildResult<esbuild.BuildOptions & { write: false }>;

/** A mistake in the sources. */
export interface BuildProblem {
  /** In esbuild's words, with the line that is meant. */
  readonly message: string;
  /** Relative to the working directory; undefined where no file is meant. */
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  /** From 1. */
  readonly column?: number;
}

/** What came of files that were saved. */
export interface Swap {
  /** The folder of an assembly with new code; undefined where no bundle was built. */
  readonly assembly: string | undefined;
  /** Why bundles were not built. */
  readonly problems: readonly BuildProblem[];
  /** Whether everything is built again, after something was not. */
  readonly isMended: boolean;
  /** Whether a synth could say nothing else: nothing but the sources of bundles is new, and one cannot be built. */
  readonly isSynthFutile: boolean;
}

/** The assembly in the folder of a swap. */
const SWAPPED = 'cdk.out';

/** What replaces what in the files of the assembly: hashes of assets, and logical ids of versions. */
type Replacements = Map<string, string>;

export class HotSwap {
  private assembly = '';
  private recipes: readonly BundleRecipe[] = [];
  /** Its JSON files, by their path in the assembly. */
  private texts: ReadonlyMap<string, string> = new Map();
  /** By recipe: esbuild keeps what it has parsed. */
  private readonly contexts = new Map<string, Promise<Incremental>>();
  private replacements: Replacements = new Map();
  /** What could not be built. */
  private readonly broken = new Set<BundleRecipe>();
  /** What was saved after the app has synthesized. */
  private readonly sinceSynth = new Set<string>();
  private readonly folder = mkdtempSync(join(tmpdir(), 'cdk-lambda-streaming-swap-'));
  private readonly forget = onProcessEnd(() => this.removeFolder());
  private readonly withdrawMaps = offerMaps((bundle) => sourceMapOf(this.recipes, bundle));

  /** Takes an assembly that was synthesized, and the recipes of its bundles. */
  public learn(assembly: string, recipes: readonly BundleRecipe[]): void {
    this.assembly = resolve(assembly);
    this.recipes = recipes;
    this.texts = assemblyTexts(this.assembly);
    this.replacements = new Map();
    this.broken.clear();
    this.sinceSynth.clear();
  }

  /** Builds what has one of these files, and what could not be built before. */
  public async swap(files: readonly string[]): Promise<Swap> {
    const changed = new Set(files);
    const recipes = this.recipes.filter(
      (recipe) => this.broken.has(recipe) || recipe.inputs.some((file) => changed.has(file)),
    );
    for (const file of files) this.sinceSynth.add(file);
    const wasBroken = this.broken.size > 0;
    const outcomes = await Promise.all(recipes.map((recipe) => this.rebuild(recipe)));
    const problems = outcomes.flatMap((errors) => errors ?? []);
    const inBundles = new Set(this.recipes.flatMap(({ inputs }) => inputs));
    return {
      assembly: outcomes.some((errors) => errors === undefined) ? this.write() : undefined,
      problems,
      isMended: wasBroken && problems.length === 0,
      isSynthFutile: problems.length > 0 && [...this.sinceSynth].every((file) => inBundles.has(file)),
    };
  }

  public async stop(): Promise<void> {
    const contexts = await Promise.allSettled(this.contexts.values());
    await Promise.all(contexts.map((made) => made.status === 'fulfilled' && made.value.dispose()));
    this.removeFolder();
    this.forget();
    this.withdrawMaps();
  }

  private removeFolder(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Gives what is wrong with the sources; undefined where it is built. */
  private async rebuild(recipe: BundleRecipe): Promise<readonly BuildProblem[] | undefined> {
    try {
      this.place(recipe, await (await this.contextOf(recipe)).rebuild());
      this.broken.delete(recipe);
      return undefined;
    } catch (error) {
      if (!isBuildFailure(error)) throw error;
      this.broken.add(recipe);
      return describeErrors(recipe, error.errors);
    }
  }

  private place(recipe: BundleRecipe, { outputFiles }: BuildResult): void {
    const hash = createHash('sha256');
    for (const { contents } of outputFiles) hash.update(contents);
    const fresh = hash.digest('hex');
    const folder = join(this.folder, `asset.${fresh}`);
    if (!existsSync(folder)) {
      // What else is in it, such as the script that starts it.
      cpSync(recipe.folder, folder, { recursive: true });
      for (const { path, contents } of outputFiles) {
        const target = join(folder, relative(String(recipe.options['outdir']), path));
        mkdirSync(dirname(target), { recursive: true });
        writeFileSync(target, contents);
      }
    }
    this.replacements.set(recipe.hash, fresh);
  }

  private contextOf({ esbuild: file, options }: BundleRecipe): Promise<Incremental> {
    const key = JSON.stringify([file, options]);
    const known = this.contexts.get(key);
    if (known !== undefined) return known;
    const { context } = loadEsbuild(file);
    const made = context({ ...options, write: false });
    this.contexts.set(key, made);
    return made;
  }

  private write(): string {
    const folder = join(this.folder, SWAPPED);
    const replacements = new Map([...this.replacements, ...versionIds(this.texts, this.replacements)]);
    rmSync(folder, { recursive: true, force: true });
    for (const [path, text] of this.texts) {
      const file = join(folder, path);
      mkdirSync(dirname(file), { recursive: true });
      const isManifest = path.endsWith('.assets.json');
      const replaced = replaceAll(isManifest ? this.withPlaces(text, dirname(path)) : text, replacements);
      writeFileSync(file, isManifest ? this.withOrigins(replaced) : replaced);
    }
    return folder;
  }

  /** Assets stay where they are, but for those that are new. */
  private withPlaces(text: string, folder: string): string {
    const manifest = JSON.parse(text) as Manifest;
    const files = Object.entries(manifest.files ?? {}).map(([hash, file]) => {
      const { path } = file.source;
      const source = path !== undefined && { path: this.placeOf(hash, resolve(this.assembly, folder, path)) };
      return [hash, { ...file, source: { ...file.source, ...source } }];
    });
    return JSON.stringify({ ...manifest, files: Object.fromEntries(files) });
  }

  /** So that traces do not name files here, which go with the next save. */
  private withOrigins(text: string): string {
    const manifest = JSON.parse(text) as Manifest;
    const files = Object.entries(manifest.files ?? {}).map(([hash, file]) => {
      const recipe = this.recipes.find((each) => this.replacements.get(each.hash) === hash);
      return [hash, recipe === undefined ? file : { ...file, source: { ...file.source, origin: recipe.folder } }];
    });
    return JSON.stringify({ ...manifest, files: Object.fromEntries(files) });
  }

  private placeOf(hash: string, path: string): string {
    const fresh = this.replacements.get(hash);
    if (fresh !== undefined) return join(this.folder, `asset.${fresh}`);
    // A template is an asset, too: the one that is written here.
    const inAssembly = relative(this.assembly, path);
    return this.texts.has(inAssembly) ? join(this.folder, SWAPPED, inAssembly) : path;
  }
}

function loadEsbuild(file: string): typeof esbuild {
  return nodeModule.createRequire(file)(file) as typeof esbuild;
}

function isBuildFailure(error: unknown): error is esbuild.BuildFailure {
  return isObject(error) && Array.isArray(error['errors']);
}

/** Of a bundle that was made without one, where its sources still give this code. */
function sourceMapOf(
  recipes: readonly BundleRecipe[],
  { folder, file, code }: BundleFile,
): nodeModule.SourceMapPayload | undefined {
  const recipe = recipes.find((each) => each.folder === folder);
  if (recipe === undefined || recipe.options['sourcemap']) return undefined;
  const path = resolve(String(recipe.options['outdir']), file);
  try {
    const outputs = loadEsbuild(recipe.esbuild).buildSync({
      ...recipe.options,
      write: false,
      sourcemap: 'external',
      sourcesContent: false,
      logLevel: 'silent',
    }).outputFiles;
    const textOf = (name: string) => outputs.find((output) => output.path === name)?.text;
    const map = textOf(`${path}.map`);
    if (map === undefined || textOf(path) !== code) return undefined;
    const payload = JSON.parse(map) as nodeModule.SourceMapPayload;
    return { ...payload, sources: payload.sources.map((source) => resolve(dirname(path), source)) };
  } catch (error) {
    if (isBuildFailure(error)) return undefined; // told at the next save
    throw error;
  }
}

/** The names of files are relative to the project for esbuild, and to where they stand for whoever reads them. */
async function describeErrors(
  { esbuild: file, options }: BundleRecipe,
  errors: readonly esbuild.Message[],
): Promise<readonly BuildProblem[]> {
  const named = (place: string) => relative(process.cwd(), resolve(String(options['absWorkingDir'] ?? ''), place));
  const placed = errors.map((error) => {
    const { location } = error;
    return location && ['', 'file'].includes(location.namespace)
      ? { ...error, location: { ...location, file: named(location.file) } }
      : error;
  });
  const messages = await loadEsbuild(file).formatMessages(placed, { kind: 'error', color: false });
  return placed.map(({ location }, at) => ({
    message: (messages[at] ?? '').trimEnd(),
    ...(location && { file: location.file, line: location.line, column: location.column + 1 }),
  }));
}

interface Manifest {
  readonly files?: Readonly<Record<string, ManifestFile>>;
}

/** A file in an asset manifest; one that a command makes has no path. */
interface ManifestFile {
  readonly source: { readonly path?: string };
}

/** The files that name assets, those of nested assemblies included. */
function assemblyTexts(assembly: string): Map<string, string> {
  const isNested = (path: string) => path.split(sep).every((part) => !part.startsWith('asset.'));
  const files = readdirSync(assembly, { recursive: true, encoding: 'utf8' }).filter(
    (path) => path.endsWith('.json') && isNested(path),
  );
  return new Map(files.map((path) => [path, readFileSync(join(assembly, path), 'utf8')]));
}

/**
 * New logical ids for the versions of functions whose code is new, as the CDK gives them: the hash at their end stands for
 * what the function is. Without one, the alias would stay with the old version.
 */
function versionIds(texts: ReadonlyMap<string, string>, replacements: Replacements): Replacements {
  const ids: Replacements = new Map();
  for (const [path, text] of texts) {
    if (!path.endsWith('.template.json')) continue;
    const { Resources } = JSON.parse(text) as { Resources?: Readonly<Record<string, TemplateResource>> };
    for (const [id, { Type, Properties }] of Object.entries(Resources ?? {})) {
      if (Type !== 'AWS::Lambda::Version' || !/[0-9a-f]{32}$/.test(id)) continue;
      const { FunctionName: name } = Properties ?? {};
      const code = JSON.stringify(isObject(name) ? Resources?.[String(name['Ref'])]?.Properties?.['Code'] : undefined);
      const fresh = [...replacements].find(([hash]) => code?.includes(hash))?.[1];
      if (fresh === undefined) continue;
      const digest = createHash('md5').update(`${id}${fresh}`).digest('hex');
      ids.set(id, id.slice(0, -digest.length) + digest);
    }
  }
  return ids;
}

interface TemplateResource {
  readonly Type?: unknown;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

function replaceAll(text: string, replacements: Replacements): string {
  let replaced = text;
  for (const [from, to] of replacements) replaced = replaced.replaceAll(from, to);
  return replaced;
}

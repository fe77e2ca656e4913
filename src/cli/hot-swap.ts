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
import type { BundleRecipe } from '../wire/bundle-inputs';

type Incremental = esbuild.BuildContext<esbuild.BuildOptions & { write: false }>;

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
  private readonly folder = mkdtempSync(join(tmpdir(), 'cdk-lambda-streaming-swap-'));
  private readonly forget = onProcessEnd(() => this.removeFolder());

  /** Takes an assembly that was synthesized, and the recipes of its bundles. */
  public learn(assembly: string, recipes: readonly BundleRecipe[]): void {
    this.assembly = resolve(assembly);
    this.recipes = recipes;
    this.texts = assemblyTexts(this.assembly);
    this.replacements = new Map();
  }

  /** The folder of an assembly with new code; undefined where no bundle has one of these files, or one cannot be built. */
  public async swap(files: readonly string[]): Promise<string | undefined> {
    const changed = new Set(files);
    const recipes = this.recipes.filter(({ inputs }) => inputs.some((file) => changed.has(file)));
    if (recipes.length === 0) return undefined;
    try {
      await Promise.all(recipes.map((recipe) => this.rebuild(recipe)));
    } catch (error) {
      // The synth will say it, in the words of the app.
      if (isObject(error) && 'errors' in error) return undefined;
      throw error;
    }
    return this.write();
  }

  public async stop(): Promise<void> {
    const contexts = await Promise.allSettled(this.contexts.values());
    await Promise.all(contexts.map((made) => made.status === 'fulfilled' && made.value.dispose()));
    this.removeFolder();
    this.forget();
  }

  private removeFolder(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async rebuild(recipe: BundleRecipe): Promise<void> {
    const { outputFiles } = await (await this.contextOf(recipe)).rebuild();
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
    const { context } = nodeModule.createRequire(file)(file) as typeof esbuild;
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
      const placed = path.endsWith('.assets.json') ? this.withPlaces(text, dirname(path)) : text;
      writeFileSync(file, replaceAll(placed, replacements));
    }
    return folder;
  }

  /** Assets stay where they are, but for those that are new. */
  private withPlaces(text: string, folder: string): string {
    const manifest = JSON.parse(text) as { readonly files?: Readonly<Record<string, ManifestFile>> };
    const files = Object.entries(manifest.files ?? {}).map(([hash, file]) => {
      const { path } = file.source;
      const source = path !== undefined && { path: this.placeOf(hash, resolve(this.assembly, folder, path)) };
      return [hash, { ...file, source: { ...file.source, ...source } }];
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

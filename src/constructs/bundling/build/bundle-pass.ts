/** Builds many entries in one esbuild pass, so that code they share is read and parsed once. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { BuildFailure, BuildOptions, BuildResult, Message, Metafile } from 'esbuild';
import { type Failure, failureOf, field } from '../failures';
import { type BuildSettings, nameInMetafile, posix, virtualOutdir } from './build-settings';
import { esbuildFor, withRelaxedCollector } from './load-esbuild';
import { metafileOf, type PackageSize, packageSizes, reachableInputs } from './metafile';
import { commandToAdd } from './package-manager';
import { writeStartScript } from './start-script';

/** Bounds the memory of one pass; shared code is parsed again for each. */
const MAX_ENTRIES_PER_PASS = 200;

/** What is told of a bundle. */
export interface BundleSummary {
  /** Size of the JavaScript output. */
  readonly bytes: number;
  /** What takes up the bytes, largest first. */
  readonly packages: readonly PackageSize[];
  /** esbuild's warnings about files of this entry, formatted. */
  readonly warnings: readonly string[];
}

/** What esbuild made of one entry. */
export interface Bundle extends BundleSummary {
  /** Absolute directory that holds the output files and nothing else. */
  readonly dir: string;
  /** The part of esbuild's metafile about this entry. */
  readonly metafile: Metafile;
}

/** A bundle, or the reason there is none. */
export type Outcome = { readonly bundle: Bundle } | Failure;

export const NO_RESULT: Outcome = { code: 'BuildFailed', failure: 'esbuild gave no result' };

type Built = readonly [BuildSettings, Outcome];

/**
 * Builds settings of one group into directories below `scratch`.
 *
 * A pass that fails is split until each failure is known by its own entry.
 */
export function buildTogether(group: readonly BuildSettings[], scratch: string): Map<BuildSettings, Outcome> {
  const outcomes = new Map<BuildSettings, Outcome>();
  for (let at = 0; at < group.length; at += MAX_ENTRIES_PER_PASS) {
    const batch = group.slice(at, at + MAX_ENTRIES_PER_PASS);
    for (const [settings, outcome] of buildBatch(batch, scratch)) outcomes.set(settings, outcome);
  }
  return outcomes;
}

function buildBatch(batch: readonly BuildSettings[], scratch: string): Built[] {
  try {
    return buildPass(batch, scratch);
  } catch (error) {
    // Not about one of the entries: an option esbuild cannot read, or no esbuild at all.
    if (!isBuildFailure(error)) return batch.map((settings) => [settings, failureOf(error)]);
    if (batch.length === 1) return batch.map((settings) => [settings, refusal(settings, error)]);
    const half = Math.ceil(batch.length / 2);
    return [...buildBatch(batch.slice(0, half), scratch), ...buildBatch(batch.slice(half), scratch)];
  }
}

function refusal(settings: BuildSettings, { errors }: BuildFailure): Failure {
  const mended = errors.map((message) => ({ ...message, notes: notesOf(settings, message) }));
  return { code: 'BuildFailed', failure: formatMessages(settings, mended, 'error').join('').trim() };
}

const UNRESOLVED = /^Could not resolve "((?:@[\w.~-]+\/)?[\w~][\w.~-]*)(?:\/[^"]*)?"$/;

/** A package that is missing is to be installed: esbuild would have it marked as external, and the function fail. */
function notesOf({ project }: BuildSettings, { text, notes }: Message): Message['notes'] {
  const name = UNRESOLVED.exec(text)?.[1];
  if (name === undefined || !notes.some((note) => note.text.startsWith('You can mark the path'))) return notes;
  const add = commandToAdd(name, project, 'code');
  const advice = `The package is not installed. Run: ${add}\nWhere the runtime or a layer has it, name it in externalModules.`;
  return [{ text: advice, location: null }];
}

function buildPass(batch: readonly BuildSettings[], scratch: string): Built[] {
  const [first] = batch;
  if (first === undefined) return [];
  const dir = fs.mkdtempSync(path.join(scratch, 'pass-'));
  const { result, prefix } = runEsbuild(batch, first, dir);
  const built = batch.map((settings, index): readonly [BuildSettings, Bundle] => [
    settings,
    bundleOf(settings, result, `${prefix}${index}/`, path.join(dir, String(index))),
  ]);
  const lacking = built
    .filter(([settings, { metafile }]) => needsRequire(settings, metafile))
    .map(([settings]) => settings);
  if (lacking.length === 0) return built.map(([settings, bundle]) => [settings, { bundle }]);
  const again = buildBatch(lacking.map(withRequireBanner), scratch).map(([, outcome]) => outcome);
  return built.map(([settings, bundle]) => [settings, again[lacking.indexOf(settings)] ?? { bundle }]);
}

/** Options for one entry alone, with an output folder that is never to be written, for sources that are not known yet. */
export function entryOptions(settings: BuildSettings): BuildOptions {
  const { entry, esbuild, extension } = mayNeedRequire(settings) ? withRequireBanner(settings) : settings;
  return {
    logLevel: 'silent',
    outExtension: { '.js': extension },
    ...esbuild,
    entryPoints: [{ in: entry, out: 'index' }],
    outdir: virtualOutdir(settings),
  };
}

type PassResult = BuildResult<BuildOptions & { metafile: true }>;

/** Runs esbuild; `prefix` is what output names in the metafile begin with. */
function runEsbuild(
  batch: readonly BuildSettings[],
  first: BuildSettings,
  dir: string,
): { result: PassResult; prefix: string } {
  const { project, esbuild, extension } = first;
  // Only source maps name places relative to the output: written by us, they can pretend one that never changes.
  const virtual = Boolean(esbuild.sourcemap);
  const outdir = virtual ? virtualOutdir(first) : dir;
  const { buildSync } = esbuildFor(first);
  const options = {
    logLevel: 'silent',
    outExtension: { '.js': extension },
    ...esbuild,
    // Relative to the pass, although they belong into the bundle: whoever writes files is alone in a pass.
    ...(batch.length === 1 && { assetNames: `0/${esbuild.assetNames ?? '[name]-[hash]'}` }),
    entryPoints: batch.map(({ entry }, index) => ({ in: entry, out: `${index}/index` })),
    outdir,
    metafile: true,
    write: !virtual,
  } satisfies BuildOptions;
  const result = withRelaxedCollector(() => buildSync(options));
  for (const file of result.outputFiles ?? []) {
    const target = path.join(dir, path.relative(outdir, file.path));
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.writeFileSync(target, file.contents);
  }
  return { result, prefix: `${posix(path.relative(project.root, outdir))}/` };
}

function bundleOf(settings: BuildSettings, result: PassResult, prefix: string, dir: string): Bundle {
  const named = [settings.entry, ...(settings.esbuild.inject ?? [])].map((file) => nameInMetafile(settings, file));
  const inputs = reachableInputs(result.metafile, named);
  const metafile = metafileOf(result.metafile, prefix, inputs);
  const output = metafile.outputs[`index${settings.extension}`];
  writeStartScript(dir, settings.startScript);
  // Named as `NodejsFunction` names it.
  if (settings.metafile) fs.writeFileSync(path.join(dir, 'index.meta.json'), JSON.stringify(metafile, undefined, 2));
  const mine = result.warnings.filter(({ location }) => location === null || inputs.includes(location.file));
  return {
    dir,
    metafile,
    bytes: output?.bytes ?? 0,
    packages: output ? packageSizes(output) : [],
    warnings: mine.length > 0 ? formatMessages(settings, mine, 'warning') : [],
  };
}

function formatMessages(settings: BuildSettings, messages: Message[], kind: 'error' | 'warning'): string[] {
  return esbuildFor(settings).formatMessagesSync(messages, { kind, color: false });
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return Array.isArray(field(error, 'errors'));
}

/** Set globally, since a `const require` would clash with one that the user's own code declares. */
const REQUIRE_BANNER =
  "import { createRequire as __cdkLambdaStreamingRequire } from 'node:module'; " +
  'globalThis.require ??= __cdkLambdaStreamingRequire(import.meta.url);';

/** True when the bundle would die with `Dynamic require of "…" is not supported`, and nothing prevents it yet. */
function needsRequire(settings: BuildSettings, metafile: Metafile): boolean {
  return mayNeedRequire(settings) && hasRequire(metafile);
}

function mayNeedRequire({ esbuild, requireBanner }: BuildSettings): boolean {
  const has = esbuild.banner?.['js']?.includes('createRequire');
  return requireBanner && esbuild.format === 'esm' && !has;
}

function hasRequire(metafile: Metafile): boolean {
  return Object.values(metafile.outputs).some(({ imports }) =>
    imports.some(({ kind, external }) => external && (kind === 'require-call' || kind === 'require-resolve')),
  );
}

/** The same build with `require` defined ahead of everything else. */
function withRequireBanner(settings: BuildSettings): BuildSettings {
  const own = settings.esbuild.banner?.['js'];
  const js = own === undefined ? REQUIRE_BANNER : `${REQUIRE_BANNER}\n${own}`;
  return { ...settings, esbuild: { ...settings.esbuild, banner: { ...settings.esbuild.banner, js } } };
}

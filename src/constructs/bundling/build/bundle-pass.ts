/** Builds many entries in one esbuild pass, so that code they share is read and parsed once. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { BuildFailure, BuildOptions, BuildResult, Message, Metafile } from 'esbuild';
import { BundlingError, type Failure, failureOf, field } from '../bundling-error';
import type { BuildSettings } from './build-settings';
import { esbuildFor, withRelaxedCollector } from './load-esbuild';
import { metafileOf, type PackageSize, packageSizes, reachableInputs } from './metafile';
import { needsRequire, withRequireBanner } from './require-banner';

/** Two levels below the project root, as `cdk.out/<dir>` is, so that source maps name sources as `../../src/…`. */
const VIRTUAL_OUTDIR = '.cdk-lambda-streaming';

/** Bounds the memory of one pass; shared code is parsed again for each. */
const MAX_ENTRIES_PER_PASS = 200;

/** What esbuild made of one entry. */
export interface Bundle {
  /** Absolute directory that holds the output files and nothing else. */
  readonly dir: string;
  /** Input files of this entry, relative to the project root. */
  readonly inputs: readonly string[];
  /** The part of esbuild's metafile about this entry. */
  readonly metafile: Metafile;
  /** Size of the JavaScript output. */
  readonly bytes: number;
  readonly packages: readonly PackageSize[];
  /** esbuild's warnings about files of this entry, formatted. */
  readonly warnings: readonly string[];
}

/** A bundle, or the reason there is none. */
export type Outcome = { readonly bundle: Bundle } | Failure;

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
    if (batch.length === 1) return batch.map((settings) => [settings, { failure: errorsOf(settings, error) }]);
    const half = Math.ceil(batch.length / 2);
    return [...buildBatch(batch.slice(0, half), scratch), ...buildBatch(batch.slice(half), scratch)];
  }
}

function errorsOf(settings: BuildSettings, { errors }: BuildFailure): string {
  return formatMessages(settings, errors, 'error').join('').trim();
}

function buildPass(batch: readonly BuildSettings[], scratch: string): Built[] {
  const dir = fs.mkdtempSync(path.join(scratch, 'pass-'));
  const { result, prefix } = runEsbuild(batch, dir);
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

type PassResult = BuildResult<BuildOptions & { metafile: true }>;

/** Runs esbuild; `prefix` is what output names in the metafile begin with. */
function runEsbuild(batch: readonly BuildSettings[], dir: string): { result: PassResult; prefix: string } {
  const [first] = batch;
  if (first === undefined) throw new BundlingError('there is nothing to build');
  const { project, esbuild, extension } = first;
  // Only source maps name places relative to the output: written by us, they can pretend one that never changes.
  const virtual = Boolean(esbuild.sourcemap);
  const outdir = virtual ? path.join(project.root, VIRTUAL_OUTDIR) : dir;
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
  const entry = posix(path.relative(settings.project.root, settings.entry));
  const injected = (settings.esbuild.inject ?? []).map((file) =>
    posix(path.relative(settings.project.root, path.resolve(settings.project.root, file))),
  );
  const inputs = reachableInputs(result.metafile, [entry, ...injected]);
  const metafile = metafileOf(result.metafile, prefix, inputs);
  const output = metafile.outputs[`index${settings.extension}`];
  // Named as `NodejsFunction` names it.
  if (settings.metafile) fs.writeFileSync(path.join(dir, 'index.meta.json'), JSON.stringify(metafile, undefined, 2));
  const mine = result.warnings.filter(({ location }) => location === null || inputs.includes(location.file));
  return {
    dir,
    inputs,
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

function posix(file: string): string {
  return file.split(path.sep).join('/');
}

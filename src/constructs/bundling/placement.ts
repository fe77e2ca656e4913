/** Places bundles in the cloud assembly with as little work as possible: each distinct build once, known or in a shared pass. */
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { FileSystem } from 'aws-cdk-lib/core';
import { assetFingerprint } from './assets/asset-fingerprint';
import { isStaged, makeScratch, stageDirectory, stagedPath } from './assets/asset-staging';
import { readFiles, writeFiles } from './assets/bundle-files';
import { type BuildSettings, isAlone } from './build/build-settings';
import { type Bundle, buildTogether, NO_RESULT, type Outcome } from './build/bundle-pass';
import { buildWithSteps, hasSteps } from './build/custom-steps';
import { exportsOf } from './build/entry-exports';
import { reportInputs, reportRecipe } from './bundle-report';
import type { BundleRequest, LocatedBundle } from './bundle-request';
import { checkUnpackedSize, reportSize } from './bundle-size';
import type { BundleCache, BundleFacts, BundleRecorder } from './cache/bundle-cache';
import { type BundlingFailures, failureOf } from './failures';

/** A request, and what to build for it. */
export interface PreparedRequest {
  readonly request: BundleRequest;
  readonly settings: BuildSettings;
}

/** What a round of bundling works with. */
export interface Round {
  readonly cache: BundleCache;
  readonly failures: BundlingFailures;
  settle(request: BundleRequest, located: LocatedBundle): void;
}

/** A build, and everyone who waits for it: the first with the same settings and all others. */
interface Job {
  readonly settings: BuildSettings;
  readonly first: BundleRequest;
  readonly requests: BundleRequest[];
}

interface BuiltJob {
  readonly job: Job;
  readonly outcome: Outcome;
  readonly exports: readonly string[] | undefined;
}

type ExportingBundle = Bundle & Pick<BuiltJob, 'exports'>;

/** Places the bundles that an earlier synth has built, and leaves the others alone. */
export function placeKnown(prepared: readonly PreparedRequest[], round: Round): void {
  for (const job of jobsOf(prepared)) attempt(job, round, () => takeFromCache(job, round));
}

/** Places all bundles, building those that are not known. */
export function placeAll(prepared: readonly PreparedRequest[], round: Round): void {
  const missing = jobsOf(prepared).filter((job) => attempt(job, round, () => !takeFromCache(job, round)) === true);
  const [first] = missing;
  if (first === undefined) return;
  const recorder = round.cache.recorder(missing.map(({ settings }) => settings));
  // Of a build that fails nothing else is known.
  for (const { settings } of missing) reportInputs(settings, [settings.entry]);
  const scratch = makeScratch(first.first.scope);
  try {
    for (const { job, outcome, exports } of outcomesOf(missing, scratch)) {
      if ('failure' in outcome) {
        round.failures.add(job.requests, outcome, job.settings.entry);
        continue;
      }
      attempt(job, round, () => placeBuilt(job, { ...outcome.bundle, exports }, recorder, round), true);
    }
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true });
  }
  round.cache.trim(first.settings);
}

function jobsOf(prepared: readonly PreparedRequest[]): Job[] {
  const jobs = new Map<string, Job>();
  for (const { request, settings } of prepared) {
    const { assetHash = '', cache = true } = request.options;
    // Commands may do anything, so no two of them are known to do the same.
    const alone = hasSteps(request.options) ? request.scope.node.path : '';
    const key = JSON.stringify([settings.project.root, settings.key, assetHash, cache, alone]);
    const job = jobs.get(key) ?? { settings, first: request, requests: [] };
    job.requests.push(request);
    jobs.set(key, job);
  }
  return [...jobs.values()];
}

/** The result of an action; a failure counts for all who wait for the job. */
function attempt<T>(job: Job, { failures }: Round, action: () => T, isAboutEntry = false): T | undefined {
  try {
    return action();
  } catch (error) {
    failures.add(job.requests, failureOf(error), isAboutEntry ? job.settings.entry : undefined);
    return undefined;
  }
}

function takeFromCache(job: Job, round: Round): boolean {
  const { settings, first } = job;
  if (!isCacheable(first)) return false;
  const known = round.cache.find(settings);
  if (known === undefined) return false;
  reportInputs(settings, known.inputs);
  const staged = isStaged(first.scope, assetHashOf(first, settings, known));
  const files = staged ? [] : round.cache.read(settings, known.hash);
  if (files === undefined) return false;
  for (const hash of place(job, known, round, (dir) => writeFiles(dir, files)))
    reportRecipe(settings, known.inputs, hash, stagedPath(first.scope, hash));
  return true;
}

function isCacheable({ options }: BundleRequest): boolean {
  return options.cache !== false && !hasSteps(options);
}

/** Builds jobs, those that can share a pass together, and hands out each result while it is still on disk. */
function* outcomesOf(jobs: readonly Job[], scratch: string): Generator<BuiltJob> {
  for (const group of passes(jobs.filter(({ first }) => !hasSteps(first.options)))) {
    const outcomes = buildTogether(
      group.map(({ settings }) => settings),
      scratch,
    );
    const built = [...outcomes].filter(([, outcome]) => 'bundle' in outcome).map(([settings]) => settings);
    const exported = exportsOf(built);
    for (const job of group) {
      const { settings } = job;
      yield { job, outcome: outcomes.get(settings) ?? NO_RESULT, exports: exported.get(settings) };
    }
  }
  for (const job of jobs.filter(({ first }) => hasSteps(first.options))) {
    // Commands may have written anything.
    yield { job, outcome: buildWithSteps(job.settings, job.first.options, scratch), exports: undefined };
  }
}

function passes(jobs: readonly Job[]): Job[][] {
  const groups = new Map<string, Job[]>();
  for (const [index, job] of jobs.entries()) {
    const { project, groupKey } = job.settings;
    const key = isAlone(job.settings) ? String(index) : JSON.stringify([project.root, groupKey]);
    groups.set(key, [...(groups.get(key) ?? []), job]);
  }
  return [...groups.values()];
}

function placeBuilt(job: Job, bundle: ExportingBundle, recorder: BundleRecorder, round: Round): void {
  reportInputs(job.settings, Object.keys(bundle.metafile.inputs));
  checkUnpackedSize(bundle.dir);
  const known = factsOf(job, bundle, recorder);
  const hashes = place(job, known, round, (dir) => fs.renameSync(bundle.dir, dir));
  if (hasSteps(job.first.options)) return;
  for (const hash of hashes)
    reportRecipe(job.settings, Object.keys(bundle.metafile.inputs), hash, stagedPath(job.first.scope, hash));
}

/** Hashes a bundle, and keeps it unless that could be wrong one day. */
function factsOf({ settings, first }: Job, bundle: ExportingBundle, recorder: BundleRecorder): BundleFacts {
  const { bytes, packages, warnings, exports } = bundle;
  const summary = { bytes, packages, warnings, exports };
  // Installed modules may be links, which the framework knows how to hash.
  if (hasSteps(first.options)) return { ...summary, hash: FileSystem.fingerprint(bundle.dir) };
  const files = readFiles(bundle.dir);
  const known = { ...summary, hash: assetFingerprint(files) };
  if (isCacheable(first)) recorder.store(settings, bundle.metafile, known, files);
  return known;
}

/**
 * Every request has an asset of its own: the stacks of an app may publish to different accounts.
 * @returns their hashes
 */
function place(
  { settings, requests }: Job,
  known: BundleFacts,
  round: Round,
  write: (dir: string) => void,
): ReadonlySet<string> {
  const hashes = new Set<string>();
  for (const request of requests) {
    const { scope, options } = request;
    const asset = stageDirectory(scope, assetHashOf(request, settings, known), write);
    round.settle(request, { is: 'located', asset, contents: { settings, exports: known.exports } });
    printWarnings(options.logLevel, known);
    reportSize(scope, options, known);
    hashes.add(asset.hash);
  }
  return hashes;
}

/** Log levels that hide warnings. */
const QUIET: readonly string[] = ['error', 'silent'];

function printWarnings(logLevel = '', { warnings }: BundleFacts): void {
  if (!QUIET.includes(logLevel)) for (const warning of warnings) process.stderr.write(warning);
}

/**
 * A hash given by the user stands for the contents, but not for which entry and options it is about.
 *
 * An empty one does not count, as for `NodejsFunction`: an environment variable that is not set must not freeze the hash.
 */
function assetHashOf({ options }: BundleRequest, settings: BuildSettings, known: BundleFacts): string {
  if (!options.assetHash) return known.hash;
  return createHash('sha256')
    .update(JSON.stringify([options.assetHash, settings.assetKey]))
    .digest('hex');
}

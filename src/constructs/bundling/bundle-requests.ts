/** Bundles requests with as little work as possible: each distinct build once, from the cache or in a shared pass. */
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { Names, Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { isStaged, makeScratch, registerAsset, stageDirectory } from './assets/asset-staging';
import { knownExports } from './assets/bundle-exports';
import { writeFiles } from './assets/bundle-files';
import { type BuildSettings, buildSettings, isAlone } from './build/build-settings';
import { type Bundle, buildTogether, type Outcome } from './build/bundle-pass';
import { buildWithSteps, hasSteps } from './build/custom-steps';
import { targetRuntime } from './build/target-runtime';
import type { BundleRequest } from './bundle-request';
import { failureOf } from './bundling-error';
import { BundlingFailures } from './bundling-failures';
import { BundleCache, type BundleFacts } from './cache/bundle-cache';
import { EvidenceCollector } from './cache/evidence';
import type { Facts } from './cache/facts';
import { finishBundle } from './finish-bundle';
import { reportBundle } from './size-report';

/** A build, and everyone who waits for it: the first with the same settings and all others. */
interface Job {
  readonly settings: BuildSettings;
  readonly first: BundleRequest;
  readonly requests: BundleRequest[];
}

const NO_RESULT: Outcome = { failure: 'esbuild gave no result' };

/**
 * Gives every request its asset; with `cachedOnly`, those that need no building.
 *
 * @throws BundlingError that lists each construct whose entry could not be bundled, after all others have their assets
 */
export function bundleRequests(requests: readonly BundleRequest[], facts: Facts, cachedOnly: boolean): void {
  const collector = new EvidenceCollector(facts);
  const failures = new BundlingFailures();
  const jobs = plan(
    requests.filter((request) => !request.asset && !skip(request)),
    failures,
  );
  const missing = jobs.filter((job) => isMissing(job, facts, failures));
  const [some] = missing;
  if (some && !cachedOnly) {
    build(missing, some.first.scope, collector, failures);
    BundleCache.of(some.settings)?.trim();
  }
  failures.raise();
}

/** `cdk` asks for some stacks only: the others get a placeholder, as the framework's own bundled assets do. */
function skip(request: BundleRequest): boolean {
  const { scope, entry } = request;
  if (Stack.of(scope).bundlingRequired) return false;
  request.asset = registerAsset(scope, sha256(Names.uniqueId(scope)), path.dirname(entry));
  return true;
}

function plan(requests: readonly BundleRequest[], failures: BundlingFailures): Job[] {
  const jobs = new Map<string, Job>();
  for (const request of requests) {
    const settings = settingsOf(request, failures);
    if (settings === undefined) continue;
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

function settingsOf(request: BundleRequest, failures: BundlingFailures): BuildSettings | undefined {
  try {
    request.settings ??= buildSettings(request.scope, request.entry, targetRuntime(request), request.options);
    return request.settings;
  } catch (error) {
    failures.add([request], failureOf(error));
    return undefined;
  }
}

/** True when a job has to be built. */
function isMissing(job: Job, facts: Facts, failures: BundlingFailures): boolean {
  try {
    return !takeFromCache(job, facts);
  } catch (error) {
    failures.add(job.requests, failureOf(error));
    return false;
  }
}

function takeFromCache({ settings, first, requests }: Job, facts: Facts): boolean {
  const cache = isCacheable(first) ? BundleCache.of(settings) : undefined;
  const known = cache?.find(settings, facts);
  if (cache === undefined || known === undefined) return false;
  const staged = isStaged(first.scope, assetHashOf(first, settings, known));
  const files = staged ? [] : cache.read(settings, known.hash);
  if (files === undefined) return false;
  for (const request of requests) settle(request, settings, known, (dir) => writeFiles(dir, files));
  return true;
}

function isCacheable({ options }: BundleRequest): boolean {
  return options.cache !== false && !hasSteps(options);
}

function build(jobs: readonly Job[], scope: Construct, collector: EvidenceCollector, failures: BundlingFailures): void {
  for (const { settings } of jobs) collector.readBefore(settings);
  const scratch = makeScratch(scope);
  try {
    for (const [job, outcome] of outcomesOf(jobs, scratch)) {
      if ('bundle' in outcome) finish(job, outcome.bundle, collector, failures);
      else failures.add(job.requests, outcome, job.settings.entry);
    }
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true });
  }
}

/** Builds jobs, those that can share a pass together, and hands out each result while it is still on disk. */
function* outcomesOf(jobs: readonly Job[], scratch: string): Generator<readonly [Job, Outcome]> {
  for (const group of passes(jobs.filter(({ first }) => !hasSteps(first.options)))) {
    const outcomes = buildTogether(
      group.map(({ settings }) => settings),
      scratch,
    );
    for (const job of group) yield [job, outcomes.get(job.settings) ?? NO_RESULT];
  }
  for (const job of jobs.filter(({ first }) => hasSteps(first.options))) {
    yield [job, buildWithSteps(job.settings, job.first.options, scratch)];
  }
}

function finish(job: Job, bundle: Bundle, collector: EvidenceCollector, failures: BundlingFailures): void {
  const { settings, first, requests } = job;
  try {
    const known = finishBundle(settings, first.options, bundle, collector);
    for (const request of requests) settle(request, settings, known, (dir) => fs.renameSync(bundle.dir, dir));
  } catch (error) {
    failures.add(requests, failureOf(error), settings.entry);
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

function settle(
  request: BundleRequest,
  settings: BuildSettings,
  known: BundleFacts,
  write: (dir: string) => void,
): void {
  request.asset = stageDirectory(request.scope, assetHashOf(request, settings, known), write);
  request.exports = knownExports(known);
  reportBundle(request.scope, request.options, known);
}

/**
 * A hash given by the user stands for the contents, but not for which entry and options it is about.
 *
 * An empty one is none, as for `NodejsFunction`: an environment variable that is not set must not freeze the hash.
 */
function assetHashOf({ options }: BundleRequest, settings: BuildSettings, known: BundleFacts): string {
  return options.assetHash ? sha256(JSON.stringify([options.assetHash, settings.assetKey])) : known.hash;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

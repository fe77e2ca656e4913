/** Changes a project at random, and checks after each change that no bundle from the cache is stale. */
import { App, Stack } from 'aws-cdk-lib/core';
import { link, type Random, type Subject } from './mutation-kit';
import { assetHashes, Project, passesSince, settled, streamingFunction } from './project';

/** What a sequence of mutations showed. */
export interface Tally {
  readonly mutations: number;
  /** Bundles that were rebuilt because something mattered. */
  readonly changed: number;
  /** Synths that needed no esbuild. */
  readonly hits: number;
}

/**
 * Applies mutations; after each, what the cache gives must be what building anew gives.
 *
 * They are drawn like cards, so that each comes once before any comes again.
 *
 * @throws when a bundle is stale
 */
export async function mutate(subject: Subject, count: number, seed: number): Promise<Tally> {
  const project = Project.create(subject.files);
  for (const [name, target] of Object.entries(subject.links)) link(project, name, target);
  const random = randomFrom(seed);
  const tally = { mutations: 0, changed: 0, hits: 0 };
  const applied: string[] = [];
  let cards: string[] = [];
  let before = (await check(project, subject, applied, tally)).join();
  if (before.startsWith('fails')) throw new Error(`the project cannot be bundled to begin with: ${before}`);
  while (tally.mutations < count) {
    if (cards.length === 0) cards = Object.keys(subject.mutations);
    const [name = ''] = cards.splice(Math.floor(random() * cards.length), 1);
    subject.mutations[name]?.(project, random);
    applied.push(name);
    const after = (await check(project, subject, applied, tally)).join();
    tally.mutations += 1;
    if (after !== before) tally.changed += 1;
    before = after;
  }
  return tally;
}

async function check(
  project: Project,
  subject: Subject,
  applied: readonly string[],
  tally: { hits: number },
): Promise<string[]> {
  const expected = build(project, subject, false);
  // Right after a change nothing may be stored; later everything is, and is found again.
  const results = [build(project, subject, true)];
  await settled();
  results.push(build(project, subject, true));
  passesSince();
  results.push(build(project, subject, true));
  if (passesSince() === 0) tally.hits += 1;
  for (const result of results) {
    if (result.join() !== expected.join()) {
      throw new Error(
        `stale bundle after: ${applied.slice(-5).join(' / ')}\n${result.join('\n')}\nis not\n${expected.join('\n')}`,
      );
    }
  }
  return expected;
}

function build(project: Project, { builds }: Subject, cache: boolean): string[] {
  const stack = new Stack(new App({ analyticsReporting: false, outdir: project.path('cdk.out') }), 'Stack');
  for (const [index, { entry, options }] of builds.entries()) {
    const quiet = { ...options, cache, logLevel: 'silent' as never };
    streamingFunction(stack, `Fn${index}`, project.path(entry), quiet);
  }
  try {
    return assetHashes(stack);
  } catch (error) {
    return [`fails: ${/Could not resolve "[^"]*"/.exec(String(error))?.[0] ?? error}`];
  }
}

/** mulberry32: small, and the same everywhere. */
function randomFrom(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

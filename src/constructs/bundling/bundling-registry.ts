/** Collects the entries of an app, and bundles all of them when the first asset hash is asked for. */
import { Aspects, type CfnResource, Stack, Stage } from 'aws-cdk-lib/core';
import type { Construct, IConstruct } from 'constructs';
import { assetOutdir, placeholder, type StagedAsset } from './assets/asset-staging';
import { buildSettings } from './build/build-settings';
import { START_SCRIPT_NAME } from './build/start-script';
import { targetRuntime } from './build/target-runtime';
import type { BundleRequest, BundleState, LocatedBundle } from './bundle-request';
import { BundlingError } from './bundling-error';
import { BundleCache } from './cache/bundle-cache';
import { BundlingFailures, failureOf, field } from './failures';
import { type PreparedRequest, placeAll, placeKnown, type Round } from './placement';

const registries = new WeakMap<IConstruct, BundlingRegistry>();

/** After aspects that change the construct: what they do is bundled too. */
const LAST = 10_000;

/** The entries of one construct tree. */
export class BundlingRegistry {
  /** The registry of the tree a construct is in. */
  public static of(scope: Construct): BundlingRegistry {
    const { root } = scope.node;
    const registry = registries.get(root) ?? new BundlingRegistry();
    registries.set(root, registry);
    return registry;
  }

  private readonly states = new Map<BundleRequest, BundleState>();
  private readonly stages = new WeakSet<Stage>();
  private readonly cache = new BundleCache();

  public add(request: BundleRequest): void {
    this.cache.ignore(assetOutdir(request.scope));
    this.states.set(request, { is: 'waiting', resource: undefined });
    const stage = Stage.of(request.scope);
    if (stage !== undefined) this.bundleBeforeResolving(stage);
  }

  /** Tells of the resource that the code of a request is for. */
  public attach(request: BundleRequest, resource: CfnResource): void {
    if (this.states.get(request)?.is === 'waiting') this.states.set(request, { is: 'waiting', resource });
  }

  /** The bundle of a request, if it has one by now. */
  public find(request: BundleRequest): LocatedBundle | undefined {
    const state = this.states.get(request);
    return state?.is === 'located' ? state : undefined;
  }

  /** The asset of a request. All that wait are bundled with it: one pass for many costs little more than for one. */
  public locate(request: BundleRequest): StagedAsset {
    const known = this.find(request);
    if (known !== undefined) return known.asset;
    this.bundle(this.waiting(request), placeAll);
    const located = this.find(request);
    if (located !== undefined) return located.asset;
    throw new BundlingError('NotBound', `'${request.scope.node.path}' was not bundled`);
  }

  /** Bundles one request by itself, without waiting for others. */
  public bundleNow(request: BundleRequest): void {
    this.bundle([request], placeAll);
  }

  /** Locates a request at once if that takes no building. */
  public tryCached(request: BundleRequest): void {
    this.bundle([request], placeKnown);
  }

  /** A function that was removed from the tree is in no template: its entry may be gone, or may not build. */
  private waiting(wanted?: BundleRequest): BundleRequest[] {
    return [...this.states]
      .filter(([request, { is }]) => is !== 'located' && (request === wanted || isInTree(request.scope)))
      .map(([request]) => request);
  }

  /**
   * Bundles once all aspects have seen a stage that is synthesized, ahead of the resolution of its templates, which would bundle too: an error
   * thrown in there is thrown again by the framework, and Node.js prints the line it last came from, 20 kB of minified code.
   */
  private bundleBeforeResolving(stage: Stage): void {
    if (this.stages.has(stage)) return;
    this.stages.add(stage);
    const visit = (node: IConstruct) => {
      if (!isVisitedLast(node, stage)) return;
      const waiting = this.waiting();
      if (waiting.length > 0) this.bundle(waiting, placeAll);
    };
    Aspects.of(stage).add({ visit }, { priority: LAST });
  }

  private bundle(
    requests: readonly BundleRequest[],
    place: (prepared: readonly PreparedRequest[], round: Round) => void,
  ): void {
    this.cache.beginPass();
    const failures = new BundlingFailures();
    const settle = (request: BundleRequest, located: LocatedBundle) => this.states.set(request, located);
    const prepared = requests.flatMap((request) => this.prepare(request, failures));
    place(prepared, { cache: this.cache, failures, settle });
    failures.raise();
  }

  /** `cdk` asks for some stacks only: the others get a placeholder, as the framework's own bundled assets do. */
  private prepare(request: BundleRequest, failures: BundlingFailures): PreparedRequest[] {
    const { scope, entry, options } = request;
    const state = this.states.get(request) ?? { is: 'waiting', resource: undefined };
    if (state.is === 'located') return [];
    if (!Stack.of(scope).bundlingRequired) {
      this.states.set(request, { is: 'located', asset: placeholder(scope, entry), contents: undefined });
      return [];
    }
    if (state.is === 'prepared') return [{ request, settings: state.settings }];
    try {
      const runtime = targetRuntime(options, scope, state.resource);
      const isProgram = field(state.resource, 'handler') === START_SCRIPT_NAME;
      const settings = buildSettings(scope, entry, runtime, options, isProgram);
      this.states.set(request, { is: 'prepared', settings });
      return [{ request, settings }];
    } catch (error) {
      failures.add([request], failureOf(error, 'OptionInvalid'));
      return [];
    }
  }
}

/** False for a construct that was taken out with `tryRemoveChild`, or below one that was: it still knows its parent. */
function isInTree(construct: IConstruct): boolean {
  const { scope, id } = construct.node;
  return scope === undefined || (scope.node.tryFindChild(id) === construct && isInTree(scope));
}

/** True for the construct that aspects come to last: they visit a construct before its children, and no other stage. */
function isVisitedLast(construct: IConstruct, stage: Stage): boolean {
  if (lastChildOf(construct) !== undefined) return false;
  let at: IConstruct = construct;
  while (at !== stage) {
    const { scope } = at.node;
    if (scope === undefined || lastChildOf(scope) !== at) return false;
    at = scope;
  }
  return true;
}

function lastChildOf({ node }: IConstruct): IConstruct | undefined {
  return node.children.filter((child) => !Stage.isStage(child)).at(-1);
}

/** Collects the entries of an App and bundles all of them when the first asset hash is asked for. */
import type { Construct, IConstruct } from 'constructs';
import { assetOutdir, type StagedAsset } from './assets/asset-staging';
import type { BundleRequest } from './bundle-request';
import { bundleRequests } from './bundle-requests';
import { BundlingError } from './bundling-error';
import { Facts } from './cache/facts';

const registries = new WeakMap<IConstruct, BundlingRegistry>();

/** The entries of one construct tree. */
export class BundlingRegistry {
  /** The registry of the tree a construct is in. */
  public static of(scope: Construct): BundlingRegistry {
    const { root } = scope.node;
    const registry = registries.get(root) ?? new BundlingRegistry();
    registries.set(root, registry);
    return registry;
  }

  private readonly pending = new Set<BundleRequest>();
  private readonly facts = new Facts();

  public add(request: BundleRequest): void {
    this.pending.add(request);
    this.facts.ignore(assetOutdir(request.scope));
  }

  /** The asset of a request. All that wait are bundled with it: one pass for many costs little more than for one. */
  public locate(request: BundleRequest): StagedAsset {
    if (request.asset === undefined) {
      // A function that was removed from the tree is in no template: its entry may be gone, or may not build.
      this.bundle([...this.pending].filter((waiting) => waiting === request || isInTree(waiting.scope)));
    }
    if (request.asset === undefined) throw new BundlingError(`'${request.scope.node.path}' was not bundled`);
    return request.asset;
  }

  /** Bundles one request by itself, without waiting for others. */
  public bundleNow(request: BundleRequest): void {
    this.bundle([request]);
  }

  /** Locates a request at once if that takes no building. */
  public tryCached(request: BundleRequest): void {
    this.bundle([request], true);
  }

  private bundle(requests: readonly BundleRequest[], cachedOnly = false): void {
    this.facts.beginPass();
    try {
      bundleRequests(requests, this.facts, cachedOnly);
    } finally {
      for (const request of requests) if (request.asset) this.pending.delete(request);
    }
  }
}

/** False for a construct that was taken out with `tryRemoveChild`, or below one that was: it still knows its parent. */
function isInTree(construct: IConstruct): boolean {
  const { scope, id } = construct.node;
  return scope === undefined || (scope.node.tryFindChild(id) === construct && isInTree(scope));
}

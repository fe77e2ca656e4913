/** Gives an ES module bundle the `require` that CommonJS code inside it calls. https://github.com/evanw/esbuild/issues/1921 */
import type { Metafile } from 'esbuild';
import type { BuildSettings } from './build-settings';

/** Set globally, since a `const require` would clash with one that the user's own code declares. */
const REQUIRE_BANNER =
  "import { createRequire as __cdkLambdaStreamingRequire } from 'node:module'; " +
  'globalThis.require ??= __cdkLambdaStreamingRequire(import.meta.url);';

/** True when the bundle would die with `Dynamic require of "…" is not supported`, and nothing prevents it yet. */
export function needsRequire({ esbuild, requireBanner }: BuildSettings, metafile: Metafile): boolean {
  const has = esbuild.banner?.['js']?.includes('createRequire');
  if (!requireBanner || esbuild.format !== 'esm' || has) return false;
  return Object.values(metafile.outputs).some(({ imports }) =>
    imports.some(({ kind, external }) => external && (kind === 'require-call' || kind === 'require-resolve')),
  );
}

/** The same build with `require` defined ahead of everything else. */
export function withRequireBanner(settings: BuildSettings): BuildSettings {
  const own = settings.esbuild.banner?.['js'];
  const js = own === undefined ? REQUIRE_BANNER : `${REQUIRE_BANNER}\n${own}`;
  return { ...settings, esbuild: { ...settings.esbuild, banner: { ...settings.esbuild.banner, js } } };
}

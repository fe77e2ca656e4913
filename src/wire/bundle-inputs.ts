/**
 * How a synth tells whoever started it what its bundles are made of, and how: the environment variable names a file, to
 * which the app's process appends lines. A line is the absolute path of a file, or a `BundleRecipe` as JSON. `dev` watches
 * the files, and builds the bundles again when they change.
 */
export const BUNDLE_INPUTS_VARIABLE = 'CDK_LAMBDA_STREAMING_BUNDLE_INPUTS';

/** How to make a bundle again. All paths are absolute. */
export interface BundleRecipe {
  /** The folder of the bundle in the cloud assembly. */
  readonly folder: string;
  /** As it is part of the folder's name, and of the key under which the bundle is published. */
  readonly hash: string;
  /** The main file of the esbuild that built it. */
  readonly esbuild: string;
  /** Options of esbuild. `outdir` is a folder that is not to be written: source maps are relative to it. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The files it is made of. */
  readonly inputs: readonly string[];
}

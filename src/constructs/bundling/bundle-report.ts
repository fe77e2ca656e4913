/** Tells whoever started the synth, and asked for it, what the bundles are made of and how: see `wire/bundle-inputs`. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { BUNDLE_INPUTS_VARIABLE, type BundleRecipe } from '../../wire/bundle-inputs';
import { type BuildSettings, isAlone } from './build/build-settings';
import { entryOptions } from './build/bundle-pass';
import { esbuildFile } from './build/load-esbuild';

/** Files by the names that esbuild gives them, relative to the project. */
type Inputs = readonly string[];

/** What a bundle is made of, also where it cannot be built. */
export function reportInputs(settings: BuildSettings, inputs: Inputs): void {
  report(inputFiles(settings, inputs));
}

/** How a bundle of one esbuild run is made again. @param folder where it lies in the cloud assembly */
export function reportRecipe(settings: BuildSettings, inputs: Inputs, hash: string, folder: string): void {
  if (!isAsked()) return;
  const options = Object.fromEntries(Object.entries(entryOptions(settings)));
  if (isAlone(settings) || settings.compiled !== undefined || !isJson(options)) return;
  const esbuild = esbuildFile(settings);
  report([
    JSON.stringify({ folder, hash, esbuild, options, inputs: inputFiles(settings, inputs) } satisfies BundleRecipe),
  ]);
}

const isAsked = () => Boolean(process.env[BUNDLE_INPUTS_VARIABLE]);

function report(lines: readonly string[]): void {
  const file = process.env[BUNDLE_INPUTS_VARIABLE];
  if (file) fs.appendFileSync(file, lines.map((line) => `${line}\n`).join(''));
}

function inputFiles({ project }: BuildSettings, inputs: Inputs): string[] {
  return inputs.map((name) => path.resolve(project.root, name));
}

/** Regular expressions, for one, would be lost. */
function isJson(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (value instanceof RegExp) return false;
  return Object.values(value).every(isJson);
}

/** Loads esbuild when the first bundle is built: from the user's project, else from beside this package. */
import { createRequire } from 'node:module';
import * as path from 'node:path';
import type * as esbuild from 'esbuild';
import { BundlingError } from './bundling-error';

export type Esbuild = typeof esbuild;

const loaded = new Map<string, Esbuild>();

/**
 * The esbuild of the project, so that its version is the user's choice.
 *
 * @throws BundlingError with the install command when neither place has it
 */
export function loadEsbuild(projectRoot: string): Esbuild {
  const known = loaded.get(projectRoot);
  if (known) return known;
  const causes: unknown[] = [];
  for (const from of [path.join(projectRoot, 'package.json'), __filename]) {
    try {
      const found: Esbuild = createRequire(from)('esbuild');
      loaded.set(projectRoot, found);
      return found;
    } catch (error) {
      causes.push(error);
    }
  }
  throw new BundlingError(
    `esbuild is needed to bundle entries and was not found from '${projectRoot}'. ` +
      'Run: npm install --save-dev esbuild',
    { cause: new AggregateError(causes) },
  );
}

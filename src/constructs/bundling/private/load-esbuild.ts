/** Loads esbuild when the first bundle is built: from the user's project, else from beside this package. */
import { createRequire } from 'node:module';
import * as os from 'node:os';
import * as path from 'node:path';
import type * as esbuild from 'esbuild';
import { BundlingError, isBundlingError } from './bundling-error';

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
      checkVersion(found);
      loaded.set(projectRoot, found);
      return found;
    } catch (error) {
      if (isBundlingError(error)) throw error;
      causes.push(error);
    }
  }
  throw new BundlingError(
    `esbuild is needed to bundle entries and was not found from '${projectRoot}'. ` +
      'Run: npm install --save-dev esbuild',
    { cause: new AggregateError(causes) },
  );
}

/** Older ones do not report everything that the cache has to know. */
const OLDEST_MINOR = 19;

function checkVersion({ version }: Esbuild): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > 0 || minor >= OLDEST_MINOR) return;
  throw new BundlingError(
    `esbuild 0.${OLDEST_MINOR} or newer is needed to bundle entries, found ${version}. Run: npm install --save-dev esbuild@latest`,
  );
}

/** Memory that esbuild may use before it starts to collect garbage. */
const RELAXED_HEAP_BYTES = 1024 ** 3;

/**
 * Runs a build with a lazier garbage collector in esbuild's process, which lives about as long as one build.
 *
 * esbuild switches it off for its command line for the same reason, but not for its API; it saves a quarter of the CPU
 * time of large builds. https://pkg.go.dev/runtime#hdr-Environment_Variables
 */
export function withRelaxedCollector<T>(build: () => T): T {
  const { env } = process;
  if (env['GOGC'] !== undefined || env['GOMEMLIMIT'] !== undefined) return build();
  const available = Math.min(os.totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
  // Read when esbuild's process is started, which is during the first build.
  env['GOGC'] = 'off';
  env['GOMEMLIMIT'] = String(Math.floor(Math.min(RELAXED_HEAP_BYTES, available / 4)));
  try {
    return build();
  } finally {
    delete env['GOGC'];
    delete env['GOMEMLIMIT'];
  }
}

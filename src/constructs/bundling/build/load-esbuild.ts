/** Loads esbuild when the first bundle is built: from the user's project, else from beside this package. */
import { createRequire } from 'node:module';
import * as os from 'node:os';
import * as path from 'node:path';
import { BundlingError } from '../bundling-error';
import { field } from '../failures';
import { isFile } from '../files/probe';
import { nearest, type Project } from '../files/project-root';
import { type CompiledSources, type Esbuild, esbuildInProcess } from './esbuild-process';
import { commandToAdd } from './package-manager';

/** An entry, and the project it is in. */
interface EntryPlace {
  /** Absolute real path. */
  readonly entry: string;
  readonly project: Project;
  /** What `tsc` has made of its sources. */
  readonly compiled?: CompiledSources | undefined;
}

interface Installed {
  readonly file: string;
  readonly api: Esbuild;
}

const byDirectory = new Map<string, Installed>();

/**
 * The esbuild that an entry would import, so that its version is the user's choice: in a monorepo each package may have
 * its own.
 *
 * @throws BundlingError with the install command when there is none, or none that can be used
 */
export function esbuildFor(place: EntryPlace): Esbuild {
  const found = installedFor(place);
  return place.compiled === undefined ? found.api : esbuildInProcess(found.file, place.compiled);
}

/** The main file of that esbuild. */
export function esbuildFile(place: EntryPlace): string {
  return installedFor(place).file;
}

function installedFor(place: EntryPlace): Installed {
  const dir = path.dirname(place.entry);
  const found = byDirectory.get(dir) ?? find(place);
  byDirectory.set(dir, found);
  return found;
}

function find(place: EntryPlace): Installed {
  const { entry, project } = place;
  for (const from of [entry, path.join(project.root, 'package.json'), __filename]) {
    const file = resolveFrom(from);
    if (file !== undefined) return { file, api: load(file, place) };
  }
  throw new BundlingError(
    'ToolMissing',
    `esbuild is needed to bundle entries and was found neither from '${path.dirname(entry)}' nor beside this package. ` +
      advice('esbuild', place),
  );
}

function resolveFrom(from: string): string | undefined {
  try {
    return createRequire(from).resolve('esbuild');
  } catch (error) {
    if (field(error, 'code') === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

function load(file: string, place: EntryPlace): Esbuild {
  const esbuild = requireEsbuild(file, place);
  const { version } = esbuild;
  if (isRecent(version)) return esbuild;
  throw new BundlingError(
    'ToolMissing',
    `esbuild 0.${OLDEST_MINOR} or newer is needed to bundle entries, found ${version ?? 'one without a version'} in ${file}. ` +
      advice('esbuild@latest', place),
  );
}

function requireEsbuild(file: string, place: EntryPlace): Esbuild {
  try {
    return createRequire(file)(file);
  } catch (cause) {
    // In a realm whose bytes are of another one, as jsdom's are: a process has a realm of its own.
    if (/^Invariant violation/.test(String(field(cause, 'message')))) return esbuildInProcess(file);
    throw new BundlingError(
      'ToolMissing',
      `esbuild cannot be loaded from ${file}: ${field(cause, 'message')}\n${advice('esbuild', place)}`,
      cause,
    );
  }
}

/** Older ones do not report everything that the cache has to know. */
const OLDEST_MINOR = 19;

function isRecent(version: string | undefined): boolean {
  const [major = 0, minor = 0] = version?.split('.').map(Number) ?? [];
  return major > 0 || minor >= OLDEST_MINOR;
}

/** To be run where the package is described that the entry belongs to: elsewhere it might change nothing. */
function advice(name: string, { entry, project }: EntryPlace): string {
  const dir = nearest(path.dirname(entry), (above) => isFile(path.join(above, 'package.json'))) ?? project.root;
  return `Run in ${dir}: ${commandToAdd(name, project)}`;
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

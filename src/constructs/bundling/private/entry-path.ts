/** Finds the entry file a caller named: absolute, or relative to the source file that defines the construct. */
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { BundlingError } from './bundling-error';
import { isFile } from './probe';

const ENTRY_EXTENSIONS = ['.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs'];

/** Everything below this directory is this package's own code, whether run from sources or compiled. */
const OWN_CODE = path.resolve(__dirname, '..', '..', '..') + path.sep;

/** The framework sits between the user's file and ours when a construct is created through it. */
const FRAMEWORK = /[\\/]node_modules[\\/](aws-cdk-lib|constructs|@jsii)[\\/]/;

/** Deep class hierarchies exceed V8's default of ten frames. */
const MAX_FRAMES = 64;

/** An entry file together with other files the same words could have meant. */
export interface ResolvedEntry {
  /** Absolute path of the entry file. */
  readonly file: string;
  /** A different file of the same relative name below the working directory, where NodejsFunction looks. */
  readonly shadowed?: string;
}

/**
 * Resolves `entry` to an existing file.
 *
 * A relative entry is looked up beside the source file that called into this package, then beside that file's
 * callers (so a subclass can take its `entry` from whoever creates it), then below the working directory.
 *
 * @throws BundlingError naming every path that was tried
 */
export function resolveEntry(entry: string): ResolvedEntry {
  if (!ENTRY_EXTENSIONS.includes(path.extname(entry))) {
    throw new BundlingError(
      `entry must be a JavaScript or TypeScript file (${ENTRY_EXTENSIONS.join(', ')}), got: '${entry}'`,
    );
  }
  if (path.isAbsolute(entry)) {
    if (isFile(entry)) return { file: path.normalize(entry) };
    throw missing(entry, [entry]);
  }
  const fromWorkingDirectory = path.resolve(entry);
  const candidates = [...callerDirectories().map((dir) => path.resolve(dir, entry)), fromWorkingDirectory];
  const file = candidates.find(isFile);
  if (file === undefined) throw missing(entry, [...new Set(candidates)]);
  const shadows = file !== fromWorkingDirectory && isFile(fromWorkingDirectory);
  return shadows ? { file, shadowed: fromWorkingDirectory } : { file };
}

function missing(entry: string, tried: readonly string[]): BundlingError {
  return new BundlingError(
    `cannot find the entry file '${entry}'; tried:\n${tried.map((file) => `  - ${file}`).join('\n')}\n` +
      "A relative entry is relative to the source file that defines the construct; pass path.join(__dirname, '…') to be explicit.",
  );
}

/** Directories of the source files on the stack that are neither ours nor the framework's, innermost first. */
function callerDirectories(): string[] {
  const directories = callSites()
    .map((site) => site.getFileName() ?? '')
    .map((name) => (name.startsWith('file:') ? fileURLToPath(name) : name))
    .filter((name) => path.isAbsolute(name) && !name.startsWith(OWN_CODE) && !FRAMEWORK.test(name))
    .map((name) => path.dirname(name));
  return [...new Set(directories)];
}

function callSites(): NodeJS.CallSite[] {
  const { prepareStackTrace, stackTraceLimit } = Error;
  let sites: NodeJS.CallSite[] = [];
  try {
    Error.stackTraceLimit = MAX_FRAMES;
    Error.prepareStackTrace = (_error, frames) => {
      sites = frames;
      return '';
    };
    // Reading `stack` is what runs prepareStackTrace.
    void new Error('call site').stack;
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
    Error.stackTraceLimit = stackTraceLimit;
  }
  return sites;
}

/** Finds the entry file a caller named: absolute, or relative to the source file that defines the construct. */
import * as path from 'node:path';
import { show } from '../../base/option-problem';
import { BundlingError } from './bundling-error';
import { callerDirectories } from './caller-directories';
import { isFile, statOf } from './files/probe';
import { isUnresolved, tokenProblem } from './options/unresolved';

const ENTRY_EXTENSIONS = ['.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs'];

const FROM_URL = 'fileURLToPath() of node:url makes one of a URL';

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
  checkEntry(entry);
  const fromWorkingDirectory = path.resolve(entry);
  const beside = path.isAbsolute(entry) ? [] : callerDirectories().map((dir) => path.resolve(dir, entry));
  const candidates = [...new Set([...beside, fromWorkingDirectory])];
  const file = candidates.find(isFile);
  // The words for a folder say more than those for a wrong extension, which most folders have too.
  if (file === undefined && entry !== '') checkDirectory(entry, candidates);
  checkExtension(entry);
  if (file === undefined) throw missing(entry, candidates);
  const shadows = file !== fromWorkingDirectory && isFile(fromWorkingDirectory);
  return shadows ? { file, shadowed: fromWorkingDirectory } : { file };
}

function checkEntry(entry: unknown): asserts entry is string {
  if (isUnresolved(entry)) throw new BundlingError('EntryInvalid', `entry ${tokenProblem('entry')}`);
  if (typeof entry !== 'string') {
    throw new BundlingError(
      'EntryInvalid',
      `entry must be the path of a file, as a string, got ${show(entry)}; ${FROM_URL}`,
    );
  }
  if (entry.startsWith('file:'))
    throw new BundlingError('EntryInvalid', `entry must be a path, got the URL '${entry}'; ${FROM_URL}`);
}

function checkDirectory(entry: string, candidates: readonly string[]): void {
  const directory = candidates.find((candidate) => statOf(candidate)?.isDirectory());
  if (directory === undefined) return;
  throw new BundlingError(
    'EntryInvalid',
    `entry must be a file, got '${entry}', which is a directory: ${directory}; name the file in it, such as ` +
      `'${path.join(entry, 'index.ts')}'`,
  );
}

function checkExtension(entry: string): void {
  if (/\.d\.[cm]?ts$/.test(entry)) {
    throw new BundlingError(
      'EntryInvalid',
      `entry must be a file with code, got one with declarations only: '${entry}'`,
    );
  }
  if (!ENTRY_EXTENSIONS.includes(path.extname(entry))) {
    throw new BundlingError(
      'EntryInvalid',
      `entry must be a JavaScript or TypeScript file (${ENTRY_EXTENSIONS.join(', ')}), got '${entry}'`,
    );
  }
}

function missing(entry: string, tried: readonly string[]): BundlingError {
  return new BundlingError(
    'EntryNotFound',
    `cannot find the entry file '${entry}'; tried:\n${tried.map((file) => `  - ${file}`).join('\n')}\n` +
      'A relative entry is relative to the source file that defines the construct; to be explicit, pass ' +
      "path.join(__dirname, '…'), or in an ES module fileURLToPath(new URL('…', import.meta.url)).",
  );
}

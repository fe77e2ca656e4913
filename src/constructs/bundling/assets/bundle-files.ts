/** The files of a bundle, as they lie on disk and in memory. */
import * as fs from 'node:fs';
import * as path from 'node:path';

/** A file of a bundle. */
export interface BundleFile {
  /** Path inside the bundle, with forward slashes. */
  readonly name: string;
  readonly contents: Buffer;
  /** Where it lies. */
  readonly path: string;
  /** Permissions: a script must stay executable. */
  readonly mode: number;
}

/** Every file below a directory. */
export function readFiles(dir: string, prefix = ''): BundleFile[] {
  return fs.readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const name = `${prefix}${entry.name}`;
    const file = path.join(dir, entry.name);
    if (entry.isDirectory()) return readFiles(file, `${name}/`);
    return [{ name, contents: fs.readFileSync(file), path: file, mode: fs.statSync(file).mode }];
  });
}

/** Writes files below a directory that is made for them. */
export function writeFiles(dir: string, files: readonly BundleFile[]): void {
  for (const { target, contents, mode } of placed(dir, files)) fs.writeFileSync(target, contents, { mode });
}

/**
 * Gives files a second name below a directory that is made for them, and copies those of another disk: a link costs
 * nothing, where many bundles of a megabyte take a while to write.
 */
export function linkFiles(dir: string, files: readonly BundleFile[]): void {
  for (const { target, contents, mode, path: file } of placed(dir, files)) {
    try {
      fs.linkSync(file, target);
    } catch {
      fs.writeFileSync(target, contents, { mode });
    }
  }
}

function* placed(dir: string, files: readonly BundleFile[]): Generator<BundleFile & { readonly target: string }> {
  for (const file of files) {
    const target = path.join(dir, file.name);
    fs.mkdirSync(path.dirname(target), { recursive: true });
    yield { ...file, target };
  }
}

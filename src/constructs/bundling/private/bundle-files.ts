/** The files of a bundle, as they lie on disk and in memory. */
import * as fs from 'node:fs';
import * as path from 'node:path';

/** A file of a bundle. */
export interface BundleFile {
  /** Path inside the bundle, with forward slashes. */
  readonly name: string;
  readonly contents: Buffer;
}

/** Every file below a directory. */
export function readFiles(dir: string, prefix = ''): BundleFile[] {
  return fs.readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const name = `${prefix}${entry.name}`;
    const file = path.join(dir, entry.name);
    return entry.isDirectory() ? readFiles(file, `${name}/`) : [{ name, contents: fs.readFileSync(file) }];
  });
}

/** Writes files below a directory that is made for them. */
export function writeFiles(dir: string, files: readonly BundleFile[]): void {
  for (const { name, contents } of files) {
    const target = path.join(dir, name);
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.writeFileSync(target, contents);
  }
}

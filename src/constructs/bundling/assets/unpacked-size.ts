/** Refuses a bundle that Lambda would refuse at deployment, minutes later and in fewer words. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { UNPACKED_CODE_MAX_BYTES } from '../../../wire/limits';
import { BundlingError } from '../bundling-error';

/** How many files the error names. */
const LARGEST = 3;

interface SizedFile {
  readonly name: string;
  readonly bytes: number;
}

/** @throws BundlingError that names the largest files of a directory that Lambda would not take */
export function checkUnpackedSize(dir: string): void {
  const files = sizesBelow(dir);
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total <= UNPACKED_CODE_MAX_BYTES) return;
  const largest = [...files].sort((a, b) => b.bytes - a.bytes).slice(0, LARGEST);
  throw new BundlingError(
    `the bundle has ${megabytes(total)} unpacked, and Lambda takes ${megabytes(UNPACKED_CODE_MAX_BYTES)} at most, ` +
      `layers included (${largest.map(({ name, bytes }) => `${name} ${megabytes(bytes)}`).join(', ')}). ` +
      'Import less, read large files from S3 or EFS, or use a container image.',
  );
}

/** Links count as links: what they lead to may be in the bundle already. */
function sizesBelow(dir: string, prefix = ''): SizedFile[] {
  return fs.readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(dir, entry.name);
    const name = `${prefix}${entry.name}`;
    return entry.isDirectory() ? sizesBelow(file, `${name}/`) : [{ name, bytes: fs.lstatSync(file).size }];
  });
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

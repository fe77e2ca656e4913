/**
 * The asset hash of a set of files, equal to what aws-cdk-lib's `FileSystem.fingerprint` gives for a directory of them.
 *
 * Computed from memory: the framework's own function keeps a disk cache keyed by inode, time and size, and reads again.
 * https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/core/lib/fs/fingerprint.ts
 */
import { isAscii, isUtf8 } from 'node:buffer';
import { createHash, type Hash } from 'node:crypto';
import type { BundleFile } from './bundle-files';

/** The framework reads, and decodes, files in pieces of this many bytes. */
const CHUNK_BYTES = 8 * 1024;

/** Hash over names and contents; line endings do not count, so that checkouts on Windows agree. */
export function assetFingerprint(files: readonly BundleFile[]): string {
  const hash = createHash('sha256');
  addField(hash, 'options.extra', '');
  addField(hash, 'options.follow', 'external');
  for (const file of [...files].sort(inDirectoryOrder)) {
    addField(hash, `file:${file.name}`, contentFingerprint(file.contents));
  }
  return hash.digest('hex');
}

/** Directories are walked in name order, each completely, which is not the order of the joined paths. */
function inDirectoryOrder(a: BundleFile, b: BundleFile): number {
  const left = a.name.split('/');
  const right = b.name.split('/');
  const at = left.findIndex((part, index) => part !== right[index]);
  const [x = '', y = ''] = [left[at], right[at]];
  return x < y ? -1 : x > y ? 1 : 0;
}

function contentFingerprint(contents: Buffer): string {
  const hash = createHash('sha256');
  const size = isBinary(contents) || isPlain(contents) ? add(hash, contents) : addNormalized(hash, contents);
  return `${size}:${hash.digest('hex')}`;
}

function isBinary(contents: Buffer): boolean {
  return contents.subarray(0, CHUNK_BYTES).includes(0);
}

/** Nothing to normalize, and no character that a chunk boundary could cut. */
function isPlain(contents: Buffer): boolean {
  if (contents.includes('\r')) return false;
  return isAscii(contents) || (isUtf8(contents) && !cutsCharacter(contents));
}

/** Bytes after the first of a UTF-8 character are 10xxxxxx. */
function cutsCharacter(contents: Buffer): boolean {
  for (let at = CHUNK_BYTES; at < contents.length; at += CHUNK_BYTES) {
    if (((contents[at] ?? 0) & 0xc0) === 0x80) return true;
  }
  return false;
}

function add(hash: Hash, contents: Buffer): number {
  hash.update(contents);
  return contents.length;
}

/** Decodes chunk by chunk on purpose: a character cut by a chunk boundary must be mangled in the same way. */
function addNormalized(hash: Hash, contents: Buffer): number {
  let size = 0;
  let held = '';
  for (let at = 0; at < contents.length; at += CHUNK_BYTES) {
    const text = contents.subarray(at, at + CHUNK_BYTES).toString();
    if (text.endsWith('\r')) {
      held += text;
      continue;
    }
    size += add(hash, Buffer.from((held + text).replace(/\r\n/g, '\n')));
    held = '';
  }
  // A held tail is hashed but not counted by the framework.
  if (held) hash.update(Buffer.from(held));
  return size;
}

function addField(hash: Hash, header: string, value: string): void {
  hash.update('\u0001').update(header).update('\u0002').update(value).update('\u0003');
}

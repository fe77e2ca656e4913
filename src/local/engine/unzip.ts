/**
 * Unpacks a zip file with nothing but Node.js: stored and deflated entries, no encryption, no ZIP64.
 * https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */

import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { crc32 } from '../../wire/crc32';
import { UNPACKED_CODE_MAX_BYTES } from '../../wire/limits';

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  readonly compressedBytes: number;
  readonly bytes: number;
  readonly mode: number;
  readonly offset: number;
}

/** The zip file cannot be unpacked; the message says why. */
class ZipError extends Error {
  public override readonly name = 'ZipError';
}

/** Writes the files of the zip file `file` into `folder`. Throws when it is damaged, too large, or leaves the folder. */
export function unzip(file: string, folder: string): void {
  unzipBytes(readFileSync(file), file, folder);
}

/** The same for a zip file that is in memory. @param name for messages */
export function unzipBytes(zip: Buffer, name: string, folder: string): void {
  try {
    unpack(zip, name, folder);
  } catch (error) {
    // Wrong offsets and broken streams surface as errors of buffers and zlib, which say nothing to the user.
    throw error instanceof ZipError ? error : new ZipError(`'${name}' is a damaged zip file`, { cause: error });
  }
}

function unpack(zip: Buffer, file: string, folder: string): void {
  const entries = readEntries(zip, file);
  const total = entries.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total > UNPACKED_CODE_MAX_BYTES) {
    throw new ZipError(`'${file}' unpacks to ${total} bytes; Lambda allows ${UNPACKED_CODE_MAX_BYTES}`);
  }
  for (const entry of entries) {
    const target = resolve(join(folder, entry.name));
    if (!target.startsWith(resolve(folder) + sep))
      throw new ZipError(`'${file}' holds '${entry.name}', which leaves its folder`);
    if (entry.name.endsWith('/')) mkdirSync(target, { recursive: true });
    else writeEntry(zip, entry, target, file);
  }
}

function readEntries(zip: Buffer, file: string): Entry[] {
  const end = findEnd(zip, file);
  const entries: Entry[] = [];
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    if (at + 46 > zip.length || zip.readUInt32LE(at) !== DIRECTORY_ENTRY)
      throw new ZipError(`'${file}' is a damaged zip file`);
    const nameBytes = zip.readUInt16LE(at + 28);
    entries.push({
      method: zip.readUInt16LE(at + 10),
      crc: zip.readUInt32LE(at + 16),
      compressedBytes: zip.readUInt32LE(at + 20),
      bytes: zip.readUInt32LE(at + 24),
      mode: zip.readUInt32LE(at + 38) >>> 16,
      offset: zip.readUInt32LE(at + 42),
      name: zip.toString('utf8', at + 46, at + 46 + nameBytes),
    });
    at += 46 + nameBytes + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return entries;
}

/** The directory's end record stands last, before a comment of at most 64 KiB. */
function findEnd(zip: Buffer, file: string): number {
  for (let at = zip.length - 22; at >= Math.max(0, zip.length - 22 - 0xffff); at--) {
    if (zip.readUInt32LE(at) === END_OF_DIRECTORY) return at;
  }
  throw new ZipError(`'${file}' is not a zip file`);
}

function writeEntry(zip: Buffer, entry: Entry, target: string, file: string): void {
  const start = entry.offset + 30 + zip.readUInt16LE(entry.offset + 26) + zip.readUInt16LE(entry.offset + 28);
  const packed = zip.subarray(start, start + entry.compressedBytes);
  if (entry.method !== 0 && entry.method !== 8) {
    throw new ZipError(
      `'${file}' packs '${entry.name}' with method ${entry.method}; only stored and deflated files are read`,
    );
  }
  const content = entry.method === 0 ? packed : inflateRawSync(packed, { maxOutputLength: entry.bytes || 1 });
  if (crc32(content) !== entry.crc) throw new ZipError(`'${file}' is damaged at '${entry.name}'`);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, content);
  if ((entry.mode & 0o777) !== 0) chmodSync(target, entry.mode & 0o777);
}

/**
 * The checksums of a body that S3 compares, in headers before it or behind its last chunk.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
 */
import { createHash } from 'node:crypto';
import { crc32 } from '../../../wire/crc32';

/** Takes bytes, then gives what they come to, big-endian. */
export interface Checksum {
  update(bytes: Uint8Array): void;
  digest(): Buffer;
}

const PREFIX = 'x-amz-checksum-';

/** Of the name of a header the algorithm, for example `crc32`; undefined where it is none that is played. */
export function checksumAlgorithm(header: string): string | undefined {
  const name = header.startsWith(PREFIX) ? header.slice(PREFIX.length) : '';
  return Object.hasOwn(CHECKSUMS, name) ? name : undefined;
}

/** @param algorithm one that {@link checksumAlgorithm} gave */
export function newChecksum(algorithm: string): Checksum {
  const make = CHECKSUMS[algorithm];
  if (make === undefined) throw new Error(`no such checksum: '${algorithm}'`);
  return make();
}

const CHECKSUMS: Readonly<Record<string, () => Checksum>> = {
  crc32: () => {
    let crc = 0;
    return { update: (bytes) => (crc = crc32(bytes, crc)), digest: () => words(crc) };
  },
  crc32c: () => reflectedCrc(tableOf([0, 0x82f63b78]), ([, low]) => words(low)),
  crc64nvme: () => reflectedCrc(tableOf([0x9a6c9329, 0xac4bc9b5]), ([high, low]) => words(high, low)),
  sha1: () => createHash('sha1'),
  sha256: () => createHash('sha256'),
  sha512: () => createHash('sha512'),
  md5: () => createHash('md5'),
};

/** Upper and lower 32 bits. */
type Word64 = readonly [high: number, low: number];

const tables = new Map<number, readonly Word64[]>();

/** @param polynomial reflected */
function tableOf([high, low]: Word64): readonly Word64[] {
  const known = tables.get(low);
  if (known) return known;
  const table = Array.from({ length: 256 }, (_, byte) => {
    let crc: Word64 = [0, byte];
    for (let bit = 0; bit < 8; bit++) {
      const shifted: Word64 = [crc[0] >>> 1, (crc[1] >>> 1) | (crc[0] << 31)];
      crc = crc[1] & 1 ? [shifted[0] ^ high, shifted[1] ^ low] : shifted;
    }
    return crc;
  });
  tables.set(low, table);
  return table;
}

function reflectedCrc(table: readonly Word64[], finish: (crc: Word64) => Buffer): Checksum {
  const isLong = (table[1]?.[0] ?? 0) !== 0;
  let high = isLong ? -1 : 0;
  let low = -1;
  return {
    update: (bytes) => {
      for (const byte of bytes) {
        const [tableHigh = 0, tableLow = 0] = table[(low ^ byte) & 0xff] ?? [];
        low = ((low >>> 8) | (high << 24)) ^ tableLow;
        high = (high >>> 8) ^ tableHigh;
      }
    },
    digest: () => finish([~high, ~low]),
  };
}

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => void bytes.writeUInt32BE(value >>> 0, 4 * i));
  return bytes;
}

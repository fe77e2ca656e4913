/** CRC-32 (IEEE 802.3) of the event-stream encoding: Node's native function where there is one, a table elsewhere. */

type Crc32 = (data: Uint8Array, seed?: number) => number;

let table: Uint32Array | undefined;

function crcTable(): Uint32Array {
  table ??= Uint32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    return crc;
  });
  return table;
}

/** The portable implementation; about five times slower than the native one. */
export function tableCrc32(data: Uint8Array, seed = 0): number {
  const bytes = crcTable();
  let crc = ~seed;
  for (let i = 0; i < data.length; i++) crc = bytes[(crc ^ data[i]) & 0xff] ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** The same for a few bytes of a view: for those, making an array costs more than the native function saves. */
export function crc32At(view: DataView<ArrayBufferLike>, start: number, length: number): number {
  const bytes = crcTable();
  let crc = -1;
  for (let at = start; at < start + length; at++) crc = bytes[(crc ^ view.getUint8(at)) & 0xff] ^ (crc >>> 8);
  return ~crc >>> 0;
}

interface NodeProcess {
  getBuiltinModule?(name: string): { crc32?: Crc32 } | undefined;
}

/** Node's `zlib.crc32` (20.15, 22.2 and later), found without an import so that browsers can load this file. */
function nativeCrc32(): Crc32 | undefined {
  const node = (globalThis as { process?: NodeProcess }).process;
  return node?.getBuiltinModule?.('node:zlib')?.crc32;
}

/** CRC-32 of `data`, continuing from `seed` (the CRC of what precedes it) where given. */
export const crc32: Crc32 = nativeCrc32() ?? tableCrc32;

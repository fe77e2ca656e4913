/**
 * Takes in an event-stream frame that is too large to be copied: its payload stays in the pieces it came in. Memory
 * grows with the bytes that arrive, whatever the frame's length field says.
 */
import { crc32 } from './crc32';
import { FRAME_CRC_BYTES, FRAME_PRELUDE_BYTES } from './frame-headers';

/** Pieces below this size are gathered, so that a frame sent byte by byte does not become a million pieces. */
const SMALL_BYTES = 4_096;
const SLAB_BYTES = 16_384;

export class LargeFrame {
  /** Bytes of the frame that are here. */
  public taken = 0;
  /** Prelude and headers. */
  public readonly head: Uint8Array;
  /** The payload so far. */
  public readonly parts: Uint8Array[] = [];
  private readonly crc = new Uint8Array(FRAME_CRC_BYTES);
  /** Checksum of head and parts so far: computed while what came is still in the processor's cache. */
  private computed: number | undefined;
  private slab: Uint8Array = new Uint8Array(0);
  /** What is gathered in the slab and not yet a part: from, to. */
  private slabStart = 0;
  private slabEnd = 0;

  public constructor(
    private readonly total: number,
    headerLength: number,
  ) {
    this.head = new Uint8Array(FRAME_PRELUDE_BYTES + headerLength);
  }

  public get isWhole(): boolean {
    return this.missing === 0;
  }

  /** Bytes of the frame that are not here yet. */
  public get missing(): number {
    return this.total - this.taken;
  }

  /** Takes what belongs to the frame from `bytes`, beginning at `start`; gives the offset after it. */
  public take(bytes: Uint8Array, start: number): number {
    const payloadEnd = this.total - FRAME_CRC_BYTES;
    let at = start;
    while (at < bytes.length && this.taken < this.total) {
      const areaEnd =
        this.taken < this.head.length ? this.head.length : this.taken < payloadEnd ? payloadEnd : this.total;
      const pieceEnd = at + areaEnd - this.taken;
      // Nearly all pieces of a large payload belong to it as a whole; those need no view of their own.
      const piece = at === 0 && pieceEnd >= bytes.length ? bytes : bytes.subarray(at, pieceEnd);
      if (areaEnd === this.head.length) this.head.set(piece, this.taken);
      else if (areaEnd === payloadEnd) this.keep(piece);
      else this.crc.set(piece, this.taken - payloadEnd);
      this.taken += piece.length;
      at += piece.length;
    }
    if (this.isWhole) this.flushSlab();
    return at;
  }

  /** Whether the frame's checksum is that of its bytes. */
  public isIntact(): boolean {
    return (this.computed ?? crc32(this.head)) === new DataView(this.crc.buffer).getUint32(0);
  }

  private keep(piece: Uint8Array): void {
    if (piece.length >= SMALL_BYTES) {
      this.flushSlab();
      this.add(piece);
      return;
    }
    if (this.slabEnd + piece.length > this.slab.length) {
      this.flushSlab();
      this.slab = new Uint8Array(SLAB_BYTES);
      this.slabStart = this.slabEnd = 0;
    }
    this.slab.set(piece, this.slabEnd);
    this.slabEnd += piece.length;
  }

  private flushSlab(): void {
    if (this.slabStart === this.slabEnd) return;
    this.add(this.slab.subarray(this.slabStart, this.slabEnd));
    this.slabStart = this.slabEnd;
  }

  private add(part: Uint8Array): void {
    this.parts.push(part);
    this.computed = crc32(part, this.computed ?? crc32(this.head));
  }
}

/** The pieces of a payload one by one, and those that were taken too early or are too long for one go. */

/** Most bytes given to a decoder in one go: a frame of 24 MiB may hold twelve million lines, and all would become items at once. */
export const DECODE_BYTES = 65_536;

export class PieceFeed {
  private held: Uint8Array | undefined;

  /** @param next the next piece that is already here */
  public constructor(private readonly next: () => Uint8Array | undefined) {}

  public take(): Uint8Array | undefined {
    if (this.held === undefined) return this.next();
    const { held } = this;
    this.held = undefined;
    return held;
  }

  /** Keeps a piece for the next `take()`. */
  public hold(piece: Uint8Array | undefined): void {
    this.held = piece;
  }

  /** The next piece for a decoder; what is past its first part comes later. */
  public takePart(): Uint8Array | undefined {
    const piece = this.take();
    if (piece === undefined || piece.length <= DECODE_BYTES) return piece;
    this.hold(piece.subarray(DECODE_BYTES));
    return piece.subarray(0, DECODE_BYTES);
  }
}

/** Cuts and joins payloads at pseudo-random places: AWS promises no boundaries, so no reader may rely on them. */

/** How often a piece is cut and how often its end waits for the next one. */
const CUT_CHANCE = 0.5;
const HOLD_CHANCE = 0.5;

export class Rechunker {
  private state: number;
  private held: Uint8Array | undefined;
  private turn: NodeJS.Immediate | undefined;

  public constructor(
    seed: number,
    private readonly emit: (piece: Uint8Array) => void,
  ) {
    this.state = seed >>> 0;
  }

  public push(payload: Uint8Array): void {
    let rest = this.held === undefined ? payload : Buffer.concat([this.held, payload]);
    this.held = undefined;
    while (rest.length > 1 && this.random() < CUT_CHANCE) {
      const cut = 1 + Math.floor(this.random() * (rest.length - 1));
      this.emit(rest.subarray(0, cut));
      rest = rest.subarray(cut);
    }
    if (this.random() < HOLD_CHANCE) this.hold(rest);
    else this.emit(rest);
  }

  public flush(): void {
    clearImmediate(this.turn);
    if (this.held !== undefined) this.emit(this.held);
    this.held = undefined;
  }

  /** For one turn of the event loop only: a function may wait for the reader of what it wrote. */
  private hold(piece: Uint8Array): void {
    this.held = piece;
    clearImmediate(this.turn);
    this.turn = setImmediate(() => this.flush());
  }

  /** mulberry32: small, fast, and the same on every machine. */
  private random(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }
}

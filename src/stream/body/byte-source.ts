/** What a response stream reads its bytes from; one implementation per kind of body. */
export interface ByteSource {
  /** The next bytes that are already here; undefined when there are none right now. */
  take(): Uint8Array | undefined;
  /**
   * Resolves when `take()` may have something or the source has ended; rejects when the source broke.
   * @param wanted a hint: with fewer bytes than these the reader would only wait again
   * @param onArrival told of bytes that came and were fewer than wanted
   */
  wait(wanted?: number, onArrival?: () => void): Promise<void>;
  /** All bytes were taken and the other side ended the body properly. */
  readonly ended: boolean;
  /** Nothing more is wanted because the content said it is complete: keep the connection where that is possible. */
  release(): void;
  /** Nothing more is wanted: close the connection. */
  close(): void;
}

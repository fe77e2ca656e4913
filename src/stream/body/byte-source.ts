/** What a response stream reads its bytes from, and how the beginning of a body is read that is not such a stream. */

/** One implementation per kind of body. */
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

/** Error bodies of AWS are shorter; the beginning of a longer one says enough. */
export const EXCERPT_MAX_BYTES = 16_384;
/** The status is known already, so a body that does not come is not worth much of a wait. */
const MAX_MS = 1_000;

/** As text, as far as it can be read within the bounds, or until somebody closes `source`. Closes the connection unless the body has ended. */
export async function bodyExcerpt(source: ByteSource): Promise<string> {
  // A pending wait ends when the source is closed.
  const timer = setTimeout(() => source.close(), MAX_MS);
  const decoder = new TextDecoder();
  let text = '';
  let left = EXCERPT_MAX_BYTES;
  try {
    while (left > 0 && !source.ended) {
      const bytes = source.take();
      if (bytes === undefined) {
        await source.wait();
        continue;
      }
      text += decoder.decode(bytes.subarray(0, left), { stream: true });
      left -= bytes.length;
    }
  } catch {
    // The status, which is known, matters more than a body that broke.
  }
  clearTimeout(timer);
  if (!source.ended) source.close();
  return text;
}

/** Reads the beginning of a response body that is not a stream of the contract, for an error to tell of it. Portable. */
import type { ByteSource } from './byte-source';

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
      for (let bytes = source.take(); bytes !== undefined && left > 0; bytes = source.take()) {
        text += decoder.decode(bytes.subarray(0, left), { stream: true });
        left -= bytes.length;
      }
      if (left > 0 && !source.ended) await source.wait();
    }
  } catch {
    // The status, which is known, matters more than a body that broke.
  }
  clearTimeout(timer);
  if (!source.ended) source.close();
  return text;
}

/** Reads the beginning of a response body that is not a stream of the contract, for an error to tell of it. */
import type { FetchResponse } from './fetch-function';

/** Error bodies of AWS are shorter; the beginning of a longer one says enough. */
const MAX_BYTES = 16_384;

/** As text; empty where the body cannot be read. Closes the connection. */
export async function bodyExcerpt({ body }: FetchResponse): Promise<string> {
  if (body === null) return '';
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  try {
    for (let bytes = 0; bytes < MAX_BYTES; ) {
      const { done, value } = await reader.read();
      if (done || value === undefined) break;
      bytes += value.length;
      text += decoder.decode(value, { stream: true });
    }
  } catch {
    // The status, which is known, matters more than a body that broke.
  }
  reader.cancel().catch(() => undefined);
  return text;
}

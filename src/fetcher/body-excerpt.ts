/** Reads the beginning of a response body that is not a stream of the contract, for an error to tell of it. */
import type { WebBodyStream } from '../invoker/web-body';
import type { FetchResponse } from './fetch-function';

/** Error bodies of AWS are shorter; the beginning of a longer one says enough. */
const MAX_BYTES = 16_384;
/** The status is known already, so a body that does not come is not worth much of a wait. */
const MAX_MS = 1_000;

/** As text, as far as it can be read. Closes the connection. */
export async function bodyExcerpt({ body }: FetchResponse): Promise<string> {
  if (body === null) return '';
  const reader = body.getReader();
  // A pending read ends when the reader is cancelled.
  const timer = setTimeout(() => void cancel(reader), MAX_MS);
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
  clearTimeout(timer);
  void cancel(reader);
  return text;
}

/** A body that already broke rejects here, too. */
function cancel(reader: ReturnType<WebBodyStream['getReader']>): Promise<void> {
  return reader.cancel().catch(() => undefined);
}

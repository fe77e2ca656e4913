/** `text` with its percent escapes decoded; one with a malformed escape, such as `%zz`, stays as it is. */
export function decodeEscapes(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * Takes the runtime's own frames out of stack traces. They name files inside this package, which say nothing about the function
 * that failed; AWS's name files below /var/runtime, and who looks for the author's code skips them.
 */

const FOLDERS = '\\/assets\\/(?:ric|web-adapter)\\/';
/** A frame up to its end: of the line, of a line in a string of JSON, or of that string. */
const FRAME = `\\s+at [^"\\n\\\\]*${FOLDERS}[^"\\n\\\\]*`;
/** As members of an array of JSON, and as lines of a text, which may be inside of JSON. Frames come after what failed. */
const FRAMES = new RegExp(`,"${FRAME}"|(?:\\n|\\\\n)${FRAME}`, 'g');
const WHOLE_FRAME = new RegExp(`^${FRAME}$`);
/** Where a text speaks of its files otherwise, as `Require stack` does. From a word's start on: else a long word takes the square of its length. */
const FILE = new RegExp(`(?<![^\\s"'(\\\\])[^\\s"'(\\\\]*${FOLDERS}[\\w-]+\\.mjs`, 'g');
/** https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html names it in its traces. */
const FILE_ON_AWS = '/var/runtime/index.mjs';

/** `text` without frames of the runtime; undefined where it is nothing but one. */
export function withoutRuntimeFrames(text: string): string | undefined {
  // Nearly all that functions log.
  if (!text.includes('/assets/')) return text;
  return WHOLE_FRAME.test(text) ? undefined : text.replace(FRAMES, '').replace(FILE, FILE_ON_AWS);
}

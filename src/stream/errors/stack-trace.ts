/** Cuts this library's own frames out of the trace of an error, so that it begins where the caller's code does. */

const FRAME = /^\s*at\s/;

/** The file of a frame, as `…(/path/file.js:1:2)` or `at /path/file.js:1:2` names it. */
function fileOf(frame: string): string | undefined {
  return /(?:\(|at (?:async )?)((?:file:\/\/)?[^()\s][^()]*?):\d+:\d+\)?\s*$/.exec(frame)?.[1];
}

/**
 * Begins the paths of all files of the library; undefined where it is part of a bundle, whose frames may be the
 * caller's as well.
 */
function libraryPlace(): string | undefined {
  const own = (new Error().stack ?? '').split('\n').find((line) => FRAME.test(line));
  const file = own === undefined ? undefined : fileOf(own);
  const [, root] =
    /^(.*[\\/])(?:stream[\\/]errors[\\/]stack-trace\.[cm]?[jt]s|(?:invoker|fetcher)[\\/]index\.mjs)$/.exec(
      file ?? '',
    ) ?? [];
  return root;
}

const place = libraryPlace();

/**
 * `stack` under `heading`, without the library's frames. Where no other frame is left, with them: they are all that is known.
 * Engines other than V8 give frames without a heading.
 */
export function ownFramesTrimmed(stack: string | undefined, heading: string): string | undefined {
  if (stack === undefined) return undefined;
  const frames = framesOf(stack);
  return [heading, ...(frames.some(isCallers) ? frames.filter((frame) => !isOurs(frame)) : frames)].join('\n');
}

/** Whether a frame in it is the caller's. */
export function leadsToCaller(stack: string): boolean {
  return framesOf(stack).some(isCallers);
}

function framesOf(stack: string): readonly string[] {
  const lines = stack.split('\n');
  const first = lines.findIndex((line) => FRAME.test(line));
  return first === -1 ? [] : lines.slice(first);
}

/** Frames of Node.js itself tell no place. */
function isCallers(frame: string): boolean {
  return !isOurs(frame) && fileOf(frame) !== undefined && !/node:internal/.test(frame);
}

function isOurs(frame: string): boolean {
  return place !== undefined && (fileOf(frame)?.startsWith(place) ?? false);
}

/**
 * Patterns for paths, as `watch` of cdk.json has them: `*` and `?` stay within a folder, `**` does not; `{a,b}`, `[abc]`.
 * https://docs.aws.amazon.com/cdk/v2/guide/ref-cli-cmd-watch.html
 */

/** Whether a path with `/` between its parts matches one of the patterns. */
export function globMatcher(patterns: readonly string[]): (path: string) => boolean {
  const all = patterns.map((pattern) => new RegExp(`^${translate(normalized(pattern))}$`));
  return (path) => all.some((each) => each.test(path));
}

/** A name alone, `test` or `./test/`, is that of a file, or of a folder with everything below it. */
function normalized(pattern: string): string {
  const path = pattern.replace(/^(?:\.\/)+/, '');
  return /[*?[]/.test(path) ? path : `${path.replace(/\/+$/, '')}/**`;
}

/** What each part of a pattern stands for; anything else stands for itself. */
const PARTS = /\*\*\/|\/\*\*$|\*+|\?|\[[^\]/]+\]|[{},]|[\\^$.+()|[\]/]/g;

function translate(pattern: string): string {
  let depth = 0;
  return pattern.replace(PARTS, (part, at: number) => {
    const isWhole = at === 0 || pattern[at - 1] === '/';
    if (part === '**/' && isWhole) return '(?:.*/)?';
    if (part === '/**') return '(?:/.*)?';
    if (part === '**' && isWhole && at + 2 === pattern.length) return '.*';
    if (part.startsWith('*')) return part.endsWith('/') ? '[^/]*/' : '[^/]*';
    if (part === '?') return '[^/]';
    if (part.length > 1) return part;
    if (part === '{' && pattern.indexOf('}', at) > 0) {
      depth += 1;
      return '(?:';
    }
    if (part === '}' && depth > 0) {
      depth -= 1;
      return ')';
    }
    if (part === ',' && depth > 0) return '|';
    return part === ',' || part === '/' ? part : `\\${part}`;
  });
}

/**
 * Patterns for paths, as `watch` of cdk.json has them: `*` and `?` stay within a folder, `**` does not; `{a,b}`, `[abc]`;
 * a `\` takes its meaning from what follows. A path is read once, with all that it may have matched so far kept at
 * once: no pattern takes longer than its length times that of the path.
 * https://docs.aws.amazon.com/cdk/v2/guide/ref-cli-cmd-watch.html
 */
import { UsageError } from './usage-error';

/**
 * Whether a path with `/` between its parts matches one of the patterns.
 * @throws UsageError for a pattern that cannot be read
 */
export function globMatcher(patterns: readonly string[]): (path: string) => boolean {
  const all = patterns.map((pattern) => new GlobReader(pattern).read());
  return (path) => all.some(({ start, end }) => leadsTo(end, path, start));
}

/** A name alone, `test` or `./test/`, is that of a file, or of a folder with everything below it. */
function normalized(pattern: string): string {
  const path = pattern.replace(/^(?:\.\/)+/, '');
  return /[*?[]/.test(path) ? path : `${path.replace(/\/+$/, '')}/**`;
}

type Takes = (character: string) => boolean;

/** A place in a pattern, and those behind it: reached for nothing, or for a character where it takes one. */
interface Place {
  readonly takes?: Takes;
  readonly next: Place[];
}

function leadsTo(end: Place, path: string, start: Place): boolean {
  let places = reachable([start]);
  for (const character of path) {
    places = reachable([...places].flatMap(({ takes, next }) => (takes?.(character) ? next : [])));
  }
  return places.has(end);
}

/** These, and what is behind them for nothing. */
function reachable(places: readonly Place[]): ReadonlySet<Place> {
  const found = new Set(places);
  // A set gives what is added while it is read, too.
  for (const { takes, next } of found) if (takes === undefined) for (const place of next) found.add(place);
  return found;
}

/** The parts that mean something; any other character stands for itself. */
const PARTS = /\*\*\/|\/\*\*$|\*+|\\.|\[(?:\^?\]?(?:\\.|[^\]\\])*\])?|./gsu;

const isAny: Takes = () => true;
const isInName: Takes = (character) => character !== '/';
const isSlash: Takes = (character) => character === '/';

class GlobReader {
  private readonly start: Place = { next: [] };
  private at = this.start;
  private readonly groups: { readonly opened: Place; readonly closed: Place }[] = [];

  public constructor(private readonly pattern: string) {}

  public read(): { readonly start: Place; readonly end: Place } {
    const path = normalized(this.pattern);
    for (const { 0: part, index } of path.matchAll(PARTS)) {
      this.add(part, index === 0 || path[index - 1] === '/', index + part.length === path.length);
    }
    if (this.groups.length > 0) throw this.unreadable("has a '{' that no '}' closes", '\\{');
    return { start: this.start, end: this.at };
  }

  /** @param isFirst whether a part of the path begins here */
  private add(part: string, isFirst: boolean, isLast: boolean): void {
    const group = this.groups.at(-1);
    if (part === '**/' && isFirst) this.maybe(() => this.run(isAny).one(isSlash));
    else if (part === '/**') this.maybe(() => this.one(isSlash).run(isAny));
    else if (part.startsWith('*')) {
      this.run(part === '**' && isFirst && isLast ? isAny : isInName);
      if (part.endsWith('/')) this.one(isSlash);
    } else if (part === '?') this.one(isInName);
    else if (part.startsWith('[')) this.one(this.oneOf(part));
    else if (part === '{') {
      this.groups.push({ opened: this.at, closed: { next: [] } });
      this.branch(this.at);
    } else if (group && (part === ',' || part === '}')) {
      this.at.next.push(group.closed);
      if (part === ',') this.branch(group.opened);
      else {
        this.at = group.closed;
        this.groups.pop();
      }
    } else this.one((character) => character === (part.length > 1 ? part.replace('\\', '') : part));
  }

  private one(takes: Takes): this {
    const behind: Place = { next: [] };
    this.at.next.push({ takes, next: [behind] });
    this.at = behind;
    return this;
  }

  private run(takes: Takes): this {
    this.branch(this.at);
    this.at.next.push({ takes, next: [this.at] });
    return this;
  }

  private maybe(add: () => void): void {
    const behind: Place = { next: [] };
    this.at.next.push(behind);
    add();
    this.at.next.push(behind);
    this.at = behind;
  }

  /** What follows is one of the ways on from there. */
  private branch(from: Place): void {
    this.at = { next: [] };
    from.next.push(this.at);
  }

  /** @param part `[a-z_]`, or `[^a-z_]` for any other */
  private oneOf(part: string): Takes {
    if (part === '[') throw this.unreadable("has a '[' that no ']' closes", '\\[');
    const isOther = part.startsWith('[^');
    const ranges = [...part.slice(isOther ? 2 : 1, -1).matchAll(/(\\.|.)(?:-(\\.|.))?/gsu)].map(
      ([range, from = '', to = from]) => {
        const [first, last] = [from, to].map(
          (each) => (each.length > 1 ? each.replace('\\', '') : each).codePointAt(0) ?? 0,
        );
        if (first === undefined || last === undefined || first > last)
          throw this.unreadable(`has the range '${range}', which ends before it begins`, `${to}-${from}`);
        return { first, last };
      },
    );
    return (character) => {
      const code = character.codePointAt(0) ?? 0;
      return ranges.some(({ first, last }) => first <= code && code <= last) !== isOther;
    };
  }

  private unreadable(what: string, instead: string): UsageError {
    return new UsageError(
      `the pattern '${this.pattern}' of --exclude, or of watch in cdk.json, ${what}; write '${instead}' if that is meant`,
    );
  }
}

/**
 * The `*` and `?` of policy elements: `*` stands for any run of characters, `?` for one. Nothing here backtracks over
 * more than one `*`, so the time is bounded by the product of the two lengths.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
 */

/** Private-use characters that no ARN, name or condition value holds. */
const LITERAL_STAR = '\uE000';
const LITERAL_QUESTION = '\uE001';

/** Whether `value` matches `pattern`; letter case counts. */
export function matchesWildcard(pattern: string, value: string): boolean {
  return matches(pattern, value, 0);
}

/** Whether `value` matches `pattern` where letter case does not count, as in action names. */
export function matchesWildcardIgnoringCase(pattern: string, value: string): boolean {
  return matches(pattern.toLowerCase(), value.toLowerCase(), 0);
}

/**
 * Whether a pattern of `Resource` or `NotResource` names the resource. A wildcard stays in its segment of the ARN,
 * except for a `*` that ends its segment: that one reaches over colons too. What follows the fifth colon is one segment.
 */
export function matchesResource(pattern: string, resource: string): boolean {
  return matches(pattern, resource, fifthColon(pattern));
}

/**
 * Whether `value` matches `pattern` as the ARN operators compare: each of the six components on its own, so that no
 * wildcard of the first five reaches over a colon.
 */
export function matchesArn(pattern: string, value: string): boolean {
  if (pattern === '*') return true;
  const patterns = arnComponents(pattern);
  const values = arnComponents(value);
  return patterns.length === values.length && patterns.every((part, i) => matchesWildcard(part, values[i] ?? ''));
}

/** `text` for use inside a pattern, where its own `*` and `?` stand for themselves. */
export function literalText(text: string): string {
  return text.replaceAll('*', LITERAL_STAR).replaceAll('?', LITERAL_QUESTION);
}

/** The text of a pattern without wildcards, as it was before {@link literalText}. */
export function plainText(pattern: string): string {
  return pattern.replaceAll(LITERAL_STAR, '*').replaceAll(LITERAL_QUESTION, '?');
}

/** Where the resource part of an ARN begins: behind the fifth colon, or at the end of a shorter text. */
export function fifthColon(arn: string): number {
  let at = -1;
  for (let colons = 0; colons < 5; colons++) {
    at = arn.indexOf(':', at + 1);
    if (at < 0) return arn.length;
  }
  return at + 1;
}

function arnComponents(arn: string): string[] {
  const parts = arn.split(':');
  return parts.length <= 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(':')];
}

/** A `*` that was passed: where the pattern goes on behind it, and up to where it has swallowed the value. */
interface Star {
  readonly next: number;
  reach: number;
}

/**
 * Goes through both texts at once and keeps two stars to come back to: the last one that reaches over colons and, behind
 * it, the last one that does not. An earlier star never has to be tried again: a later one of the same kind can take
 * what the earlier one would have taken, and between two wide stars the colons fix where a narrow one ends.
 * Before `segmentsEnd`, wildcards of the pattern stay in their segment; pass 0 where colons have no meaning.
 */
function matches(pattern: string, value: string, segmentsEnd: number): boolean {
  let p = 0;
  let v = 0;
  let wide: Star | undefined;
  let narrow: Star | undefined;
  while (v < value.length || p < pattern.length) {
    const wanted = pattern[p];
    if (wanted === '*') {
      const star: Star = { next: p + 1, reach: v };
      if (p >= segmentsEnd || p + 1 === pattern.length || pattern[p + 1] === ':') {
        wide = star;
        narrow = undefined;
      } else {
        narrow = star;
      }
      p += 1;
    } else if (v < value.length && takes(wanted, value[v], p < segmentsEnd)) {
      p += 1;
      v += 1;
    } else if (narrow && narrow.reach < value.length && value[narrow.reach] !== ':') {
      narrow.reach += 1;
      p = narrow.next;
      v = narrow.reach;
    } else if (wide && wide.reach < value.length) {
      wide.reach += 1;
      narrow = undefined;
      p = wide.next;
      v = wide.reach;
    } else {
      return false;
    }
  }
  return true;
}

function takes(wanted: string | undefined, character: string | undefined, isInSegment: boolean): boolean {
  if (wanted === '?') return !(isInSegment && character === ':');
  if (wanted === LITERAL_STAR) return character === '*';
  return wanted === LITERAL_QUESTION ? character === '?' : wanted === character;
}

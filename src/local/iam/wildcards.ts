/**
 * The `*` and `?` of policy elements: `*` stands for any run of characters, `?` for one.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
 */

/** Private-use characters that no ARN, name or condition value holds. */
const LITERAL_STAR = '\uE000';
const LITERAL_QUESTION = '\uE001';

const compiled = new Map<string, RegExp>();

/** Whether `value` matches `pattern`; letter case counts. */
export function matchesWildcard(pattern: string, value: string): boolean {
  if (!/[*?]/.test(pattern)) return plainText(pattern) === value;
  return wildcardExpression(pattern).test(value);
}

/** Whether `value` matches `pattern` where letter case does not count, as in action names. */
export function matchesWildcardIgnoringCase(pattern: string, value: string): boolean {
  return matchesWildcard(pattern.toLowerCase(), value.toLowerCase());
}

/** `text` for use inside a pattern, where its own `*` and `?` stand for themselves. */
export function literalText(text: string): string {
  return text.replace(/\*/g, LITERAL_STAR).replace(/\?/g, LITERAL_QUESTION);
}

/** The text of a pattern without wildcards, as it was before {@link literalText}. */
export function plainText(pattern: string): string {
  return pattern.replaceAll(LITERAL_STAR, '*').replaceAll(LITERAL_QUESTION, '?');
}

/**
 * Whether `value` matches `pattern` as ARNs: segment by segment, so that no wildcard of the first five segments reaches
 * over a colon; the sixth is the rest.
 */
export function matchesArn(pattern: string, value: string): boolean {
  if (pattern === '*') return true;
  const patterns = arnSegments(pattern);
  const values = arnSegments(value);
  return patterns.length === values.length && patterns.every((part, i) => matchesWildcard(part, values[i] ?? ''));
}

function arnSegments(arn: string): string[] {
  const parts = arn.split(':');
  return parts.length <= 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(':')];
}

function wildcardExpression(pattern: string): RegExp {
  let expression = compiled.get(pattern);
  if (!expression) {
    const source = pattern
      .replace(/[\\^$.+()|{}[\]]/g, '\\$&')
      .replace(/\*+/g, '.*')
      .replace(/\?/g, '.');
    const literal = source.replaceAll(LITERAL_STAR, '\\*').replaceAll(LITERAL_QUESTION, '\\?');
    expression = new RegExp(`^${literal}$`, 's');
    if (compiled.size > 1_000) compiled.clear(); // a bound for long-lived processes
    compiled.set(pattern, expression);
  }
  return expression;
}

import fc from 'fast-check';
import {
  literalText,
  matchesArn,
  matchesResource,
  matchesWildcard,
  matchesWildcardIgnoringCase,
} from '../../../src/local/iam/wildcards';

/** The definition, one character after the other; slow where there are many stars. */
function naive(pattern: string, value: string): boolean {
  const [first, rest] = [pattern[0], pattern.slice(1)];
  if (first === undefined) return value === '';
  if (first === '*') return naive(rest, value) || (value !== '' && naive(pattern, value.slice(1)));
  return value !== '' && (first === '?' || first === value[0]) && naive(rest, value.slice(1));
}

/** A resource pattern by its definition: `colons` counts those of the pattern that are behind us. */
function naiveResource(pattern: string, value: string, colons = 0): boolean {
  const [first, rest] = [pattern[0], pattern.slice(1)];
  if (first === undefined) return value === '';
  const isInSegment = colons < 5;
  if (first === '*') {
    const isWide = !isInSegment || rest === '' || rest.startsWith(':');
    const takesOne = value !== '' && (isWide || value[0] !== ':');
    return naiveResource(rest, value, colons) || (takesOne && naiveResource(pattern, value.slice(1), colons));
  }
  if (value === '') return false;
  const takes = first === '?' ? !isInSegment || value[0] !== ':' : first === value[0];
  return takes && naiveResource(rest, value.slice(1), colons + (first === ':' ? 1 : 0));
}

const text = (alphabet: string, maxLength: number) =>
  fc.array(fc.constantFrom(...alphabet), { maxLength }).map((characters) => characters.join(''));

test('wildcards match what their definition says', () => {
  fc.assert(
    fc.property(
      text('ab*?', 8),
      text('ab', 10),
      (pattern, value) => matchesWildcard(pattern, value) === naive(pattern, value),
    ),
    { numRuns: 20_000 },
  );
});

test('resources match what the definition of their wildcards says', () => {
  const segment = (alphabet: string) => text(alphabet, 3);
  const arn = (alphabet: string) =>
    fc.array(segment(alphabet), { minLength: 1, maxLength: 7 }).map((segments) => segments.join(':'));
  fc.assert(
    fc.property(
      arn('ab**?'),
      arn('ab'),
      (pattern, value) => matchesResource(pattern, value) === naiveResource(pattern, value),
    ),
    { numRuns: 40_000 },
  );
});

test('each component of an ARN matches on its own', () => {
  const component = text('ab*', 2);
  const arn = fc.array(component, { minLength: 6, maxLength: 6 });
  fc.assert(
    fc.property(arn, fc.array(text('ab', 2), { minLength: 6, maxLength: 8 }), (pattern, value) => {
      const components = [...value.slice(0, 5), value.slice(5).join(':')];
      const expected = pattern.every((part, i) => naive(part, components[i] ?? ''));
      return matchesArn(pattern.join(':'), value.join(':')) === expected;
    }),
    { numRuns: 5_000 },
  );
});

test('what follows the fifth colon is one segment, also where segments before it are empty', () => {
  expect(matchesResource('arn:aws:s3:::b*t/x', 'arn:aws:s3:::b:t/x')).toBe(true);
  expect(matchesResource('arn:aws:s*t::b:x', 'arn:aws:s:t::b:x')).toBe(false);
});

test('letter case counts, except where it does not', () => {
  expect(matchesWildcard('A*', 'ab')).toBe(false);
  expect(matchesWildcardIgnoringCase('A*', 'aB')).toBe(true);
});

test('characters of regular expressions and line breaks are characters', () => {
  for (const character of '.^$+()[]{}|\\/-\n') {
    expect(matchesWildcard(`a${character}*`, `a${character}b`)).toBe(true);
    expect(matchesWildcard(`a${character}*`, 'axb')).toBe(false);
    expect(matchesWildcard('a*b', `a${character}b`)).toBe(true);
  }
});

test('literal text stands for itself', () => {
  fc.assert(
    fc.property(
      text('ab*?', 3),
      text('ab*?', 3),
      (pattern, value) => matchesWildcard(literalText(pattern), value) === (pattern === value),
    ),
  );
});

test('many stars do not block the process: a matcher that backtracks over all of them would not come back', () => {
  expect(matchesWildcard(`${'*a'.repeat(1_000)}*b`, 'a'.repeat(5_000))).toBe(false);
  expect(matchesWildcard(`${'*a'.repeat(1_000)}*b`, `${'a'.repeat(5_000)}b`)).toBe(true);
  expect(matchesResource(`arn:aws:${'*a'.repeat(500)}*b:x`, `arn:aws:${'a'.repeat(5_000)}:x`)).toBe(false);
  expect(matchesResource(`*:${'*a'.repeat(200)}*b:x*`, 'a:'.repeat(5_000))).toBe(false);
});

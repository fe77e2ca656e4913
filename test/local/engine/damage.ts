/** Damages JSON at random places, for tests of what a reader does with input that nobody meant to write. */

import * as fc from 'fast-check';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** What a damaged place holds instead; `undefined` takes it away. */
const replacement: fc.Arbitrary<Json | undefined> = fc.oneof(
  fc.constantFrom<Json | undefined>(
    undefined,
    null,
    true,
    0,
    -1,
    1e9,
    '',
    'text',
    'arn:aws:iam::1:role/x',
    [],
    {},
    ['x'],
    [[]],
  ),
  fc.constantFrom<Json>(
    { Ref: 'Nobody' },
    { 'Fn::GetAtt': ['Fn'] },
    { 'Fn::Sub': 7 },
    { 'Fn::Join': 'x' },
    { 'Fn::If': [] },
  ),
  fc.constantFrom<Json>({ Ref: 'Fn' }, { 'Fn::Select': [9, []] }, { Type: 'AWS::Lambda::Alias' }, 'x'.repeat(300), {
    a: { b: 1 },
  }),
);

/** `value` with one place replaced; `pick` chooses the place. */
export function damaged(value: Json): fc.Arbitrary<Json> {
  const places = placesIn(value);
  return fc
    .tuple(fc.nat(places.length - 1), replacement)
    .map(([i, by]) => replaceAt(value, places[i] ?? [], by) ?? null);
}

function placesIn(value: Json, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => placesIn(inner, [...path, key]))];
}

function replaceAt(value: Json, [key, ...rest]: readonly string[], by: Json | undefined): Json | undefined {
  if (key === undefined) return by;
  if (Array.isArray(value)) {
    return value.flatMap((item, i) => (String(i) === key ? (replaceAt(item, rest, by) ?? []) : [item]));
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).flatMap(([name, inner]): [string, Json][] => {
    if (name !== key) return [[name, inner]];
    const replaced = replaceAt(inner, rest, by);
    return replaced === undefined ? [] : [[name, replaced]];
  });
  return Object.fromEntries(entries);
}

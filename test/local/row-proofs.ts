/** Rows of our pages that say what AWS does, and the tests that prove that the local target does so. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');

/** A file of tests or cases, and parts of the titles in it. */
export type Proof = readonly [file: string, ...titles: string[]];
/** By the beginning of the row. */
export type Proofs = Readonly<Record<string, Proof | readonly Proof[]>>;

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const isOne = (proof: Proof | readonly Proof[]): proof is Proof => typeof proof[0] === 'string';

/** Rows of a table whose last cell says that AWS does so, without that cell, by the heading above them. */
export function provableRows(page: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  let heading = '';
  for (const line of read(page).split('\n')) {
    [, heading = heading] = /^#+ (.*)$/.exec(line) ?? [];
    const [, text = '', label = ''] = /^\| (.*) \| ([^|]*) \|$/.exec(line) ?? [];
    if (/documented|measured/.test(label)) found.set(heading, [...(found.get(heading) ?? []), text]);
  }
  return found;
}

/**
 * The tests of a table of proofs.
 *
 * @param unproven by the beginning of the row, why it has no test; an entry of a row that is gone fails
 */
export function expectProofs(
  rows: readonly string[],
  proofs: Proofs,
  unproven: Readonly<Record<string, string>> = {},
): void {
  const starts = [...Object.keys(proofs), ...Object.keys(unproven)];

  test('each row that is documented or measured has one test named for it', () => {
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.filter((row) => starts.filter((start) => row.startsWith(start)).length !== 1)).toEqual([]);
    expect(starts.filter((start) => rows.filter((row) => row.startsWith(start)).length !== 1)).toEqual([]);
  });

  test('the tests are there', () => {
    const named = Object.values(proofs).flatMap((proof) => (isOne(proof) ? [proof] : proof));
    expect(named.filter(([, ...titles]) => titles.length === 0)).toEqual([]);
    const missing = named.flatMap(([file, ...titles]) => titles.filter((title) => !read(file).includes(title)));
    expect(missing).toEqual([]);
  });
}

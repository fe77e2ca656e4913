/** What a person sees of the demo: lines that fit the terminal, marks on what was expected, and how many there were. */
import { PassThrough } from 'node:stream';
import { humanNarrator, type Narrator, wrap } from '../../examples/flight-export/narrator';

function told(tell: (say: Narrator) => void, terminal: { isTTY?: boolean; columns?: number } = {}): string {
  const out = Object.assign(new PassThrough(), terminal);
  tell(humanNarrator(out as unknown as NodeJS.WriteStream));
  return String(out.read() ?? '');
}

const ARN = `arn:aws:iam::222222222222:role/${'a'.repeat(90)}`;

test('no line is wider than 80 columns, whatever it says', () => {
  const text = told((say) => {
    say.begin('synthesize', 'with the cdk CLI');
    say.check('refused', `another role without a grant: ${ARN} is not authorized to perform this\nsecond line`, {});
    say.step('rows', 'word '.repeat(60), {});
    say.done(true);
  });
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(text.replace(/\s+/g, '')).toContain('a'.repeat(90));
});

test('what came out as expected has a mark, and the last line counts them', () => {
  const text = told((say) => {
    say.check('deploy', 'both stacks', {});
    say.step('rows', '5 rows', {});
    say.check('refused', 'no grant', {});
    say.done(true);
  });
  expect(text.split('\n')).toEqual([
    '  ✓ deploy      both stacks',
    '    rows        5 rows',
    '  ✓ refused     no grant',
    '',
    '  All 2 checks as expected.',
    '',
    '',
  ]);
  expect(told((say) => say.done(false))).toBe('');
});

test('on a terminal what begins is replaced by what came of it, and is cut to one line', () => {
  const text = told(
    (say) => {
      say.begin('synthesize', 'x'.repeat(200));
      say.check('synthesize', 'done', {});
    },
    { isTTY: true, columns: 60 },
  );
  const [begun = '', ...rest] = text.split('\r\u001b[2K').filter((part) => part !== '');
  expect(begun).toHaveLength(59);
  expect(rest).toEqual(['  ✓ synthesize  done\n']);
});

test('a word that is wider than a line is cut, and no other', () => {
  expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
  expect(wrap('abcdefghij k', 4)).toEqual(['abcd', 'efgh', 'ij k']);
  expect(wrap('', 4)).toEqual(['']);
});

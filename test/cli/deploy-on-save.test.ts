import { deployOnSave } from '../../src/cli/deploy-on-save';
import type { Swap } from '../../src/cli/hot-swap';
import { createTerminal, type Terminal } from '../../src/cli/terminal';
import { UsageError } from '../../src/cli/usage-error';

const NOTHING_NEW: Swap = { assembly: undefined, problems: [], isMended: false, isSynthFutile: false };

/** Deploys as `outcomes` say, one after the other, each after a save, and is then interrupted. */
async function run(outcomes: readonly (Error | undefined)[], fileOf = (save: number) => `${save}.js`) {
  const interruption = new AbortController();
  const notes: string[] = [];
  const lines: unknown[] = [];
  const terminal: Terminal = {
    ...createTerminal(true, interruption.signal),
    note: (text) => notes.push(text),
    json: (value) => lines.push(value),
  };
  let deployed = 0;
  const failure = await deployOnSave(
    {
      local: { deploy: () => Promise.reject(new Error('no new code here')) },
      sources: {
        next: async () => {
          // Each deployment has ended, as far as it was asked for, before somebody saves again.
          await new Promise((resolve) => setImmediate(resolve));
          if (deployed < outcomes.length) return [fileOf(deployed)];
          interruption.abort(new Error('interrupted'));
          return [];
        },
        stop: () => undefined,
      },
      hotSwap: { swap: async () => NOTHING_NEW },
      deploy: async () => {
        const outcome = outcomes[deployed++];
        if (outcome) throw outcome;
      },
    },
    terminal,
  ).then(
    () => undefined,
    (error: unknown) => error,
  );
  return { failure, notes, lines, deployed };
}

const failed = (message: string, code = 'DEPLOY_FAILED') => Object.assign(new Error(message), { code });

test('the first deployment may fail: that is told, and the next save tries again', async () => {
  const { failure, notes, lines, deployed } = await run([failed('one'), failed('two'), undefined, failed('four')]);
  expect(deployed).toBe(4);
  expect(notes).toEqual([
    'error: one\nThe next file that you save tries again; Ctrl-C stops it.',
    'changed: 1.js',
    'error: two\nThe next file that you save tries again; Ctrl-C stops it.',
    'changed: 2.js',
    'changed: 3.js',
    'error: four\nWhat was deployed before goes on.',
  ]);
  expect(lines).toContainEqual({ type: 'failed', error: { code: 'DEPLOY_FAILED', message: 'one' } });
  expect(failure).toBeUndefined();
});

test('where nothing was ever deployed, the interruption is what it ends with', async () => {
  const { failure } = await run([failed('one')]);
  expect(failure).toEqual(new Error('interrupted'));
});

test.each([new UsageError('no such option'), failed('no such stack', 'CONFIG_INVALID')])(
  'what was asked wrongly ends it at once, as no save can mend it: %s',
  async (problem) => {
    const { failure, deployed, notes } = await run([problem, undefined]);
    expect(failure).toBe(problem);
    expect(deployed).toBe(1);
    expect(notes).toEqual([]);
  },
);

test('a file that is new again each time is told once, with what keeps it out', async () => {
  const nothing = Array.from({ length: 9 }, () => undefined);
  const advice =
    "'build-info.json' changed 5 times in a row while dev was at it; where the app or a tool writes that, start dev with --exclude 'build-info.json'";
  const { notes } = await run(nothing, () => 'build-info.json');
  expect(notes.filter((note) => !note.startsWith('changed: '))).toEqual([advice]);
  expect((await run(nothing, (save) => `${save % 2}.js`)).notes.every((note) => note.startsWith('changed: '))).toBe(
    true,
  );
});

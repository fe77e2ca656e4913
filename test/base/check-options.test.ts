import { checkOptions, type OptionKinds } from '../../src/base/check-options';

const KINDS: OptionKinds<Record<string, unknown>> = {
  waitMs: 'a number from 0',
  everyMs: 'a number above 0 or false',
  mode: 'auto or a function',
};

test.each<[object, string | undefined]>([
  [{}, undefined],
  [{ waitMs: 0, everyMs: false, mode: 'auto' }, undefined],
  [{ waitMs: 2 ** 31 - 1, everyMs: 0.5 }, undefined],
  [{ waitMs: undefined, everyMs: 1.5, mode: () => 1 }, undefined],
  [{ wait: 1 }, "f: there is no option 'wait', only waitMs, everyMs, mode"],
  [{ toString: 1 }, "f: there is no option 'toString', only waitMs, everyMs, mode"],
  [{ waitMs: -1 }, 'f: waitMs must be a number from 0, got -1'],
  [{ waitMs: Number.NaN }, 'f: waitMs must be a number from 0, got NaN'],
  [{ waitMs: '1' }, 'f: waitMs must be a number from 0, got 1'],
  [{ waitMs: false }, 'f: waitMs must be a number from 0, got false'],
  [{ waitMs: null }, 'f: waitMs must be a number from 0, got null'],
  [{ everyMs: 0 }, 'f: everyMs must be a number above 0 or false, got 0'],
  [{ everyMs: 2 ** 31 }, 'f: everyMs must be a number above 0 or false, got 2147483648'],
  [{ mode: 'number' }, 'f: mode must be auto or a function, got number'],
])('%j', (options, message) => {
  const check = () => checkOptions<Record<string, unknown>>('f', { ...options }, KINDS);
  if (message === undefined) expect(check).not.toThrow();
  else expect(check).toThrow(new TypeError(message));
});

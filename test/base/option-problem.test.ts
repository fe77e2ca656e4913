import {
  ANYTHING,
  BOOLEAN,
  FUNCTION,
  milliseconds,
  OBJECT,
  objectOf,
  oneOf,
  optionProblem,
  type Rule,
  type Rules,
  SIGNAL,
  STRING,
  STRINGS,
  show,
  wholeNumber,
} from '../../src/base/option-problem';

const RULES: Rules = {
  name: STRING,
  names: STRINGS,
  port: wholeNumber(0, 65_535),
  attempts: wholeNumber(1),
  mode: oneOf('fast', 'safe', false),
  idleMs: milliseconds(1),
  logs: BOOLEAN,
  onLog: FUNCTION,
  signal: SIGNAL,
  url: ANYTHING,
  retry: objectOf({ attempts: wholeNumber(1) }),
};

test.each<[string, unknown, string]>([
  ['options that are not an object', 5, 'the options must be an object, got 5'],
  ['an array of options', ['a', 1n], "the options must be an object, got ['a', 1n]"],
  ['null', null, 'the options must be an object, got null'],
  ['a misspelt option', { prt: 1 }, "there is no option 'prt'; did you mean 'port'?"],
  [
    'an option nothing is like',
    { somethingElse: 1 },
    "there is no option 'somethingElse'; there are name, names, port, attempts, mode, idleMs, logs, onLog, signal, url, retry",
  ],
  ['a name every object inherits', { toString: 1 }, expect.stringContaining("there is no option 'toString'") as never],
  ['an empty string', { name: '' }, "name must be a non-empty string, got ''"],
  ['a string in a list', { names: ['a', ''] }, "names must be an array of non-empty strings, got ['a', '']"],
  ['a port out of range', { port: 65_536 }, 'port must be a whole number from 0 to 65535, got 65536'],
  ['half an attempt', { attempts: 0.5 }, 'attempts must be a whole number, 1 or more, got 0.5'],
  ['an unknown mode', { mode: 'slow' }, "mode must be 'fast' or 'safe' or false, got 'slow'"],
  ['a delay that timers cannot count', { idleMs: 2 ** 31 }, expect.stringContaining('from 1 to 2147483647') as never],
  ['a number that is text', { idleMs: '5' }, expect.stringContaining("got '5'") as never],
  ['no delay at all', { idleMs: 0 }, expect.stringContaining('got 0') as never],
  ['a yes', { logs: 'yes' }, "logs must be true or false, got 'yes'"],
  ['what is only aborted', { signal: { aborted: true } }, 'signal must be an AbortSignal, got { aborted }'],
  [
    'what only listens',
    { signal: { addEventListener: () => 1 } },
    'signal must be an AbortSignal, got { addEventListener }',
  ],
  ['an option after a good object', { retry: { attempts: 1 }, name: '' }, "name must be a non-empty string, got ''"],
  ['NaN', { idleMs: Number.NaN }, expect.stringContaining('got NaN') as never],
  ['a function that is not one', { onLog: 'log' }, "onLog must be a function, got 'log'"],
  ['a controller for its signal', { signal: new AbortController() }, 'signal must be an AbortSignal, got an object'],
  ['a misspelt member', { retry: { atempts: 1 } }, "there is no option 'retry.atempts'; did you mean 'attempts'?"],
  ['a wrong member', { retry: { attempts: 0 } }, 'retry.attempts must be a whole number, 1 or more, got 0'],
  ['a wrong object', { retry: 3 }, 'retry must be an object, got 3'],
])('%s is told', (_, options, problem) => {
  expect(optionProblem(options, RULES)).toEqual(problem);
});

test('the ends of a range are inside it', () => {
  for (const good of [{ port: 65_535 }, { port: 0 }, { idleMs: 1 }, { idleMs: 2 ** 31 - 1 }, { logs: false }]) {
    expect(optionProblem(good, RULES)).toBeUndefined();
  }
});

test('good options, and those left undefined, have no problem', () => {
  const good = { name: 'a', port: 0, mode: false, signal: AbortSignal.abort(), url: 7, retry: { attempts: 1 } };
  expect(optionProblem(good, RULES)).toBeUndefined();
  expect(optionProblem({ name: undefined, retry: { attempts: undefined } }, RULES)).toBeUndefined();
  expect(optionProblem({}, RULES)).toBeUndefined();
});

test('a message may call its members otherwise', () => {
  expect(optionProblem({ x: 1 }, { delayMs: milliseconds(0) }, 'fault')).toBe(
    "there is no fault 'x'; there are delayMs",
  );
});

test('looks inside only where members are named and there is an object', () => {
  expect(optionProblem({ map: { any: 1 } }, { map: OBJECT })).toBeUndefined();
  const off: Rule = { allowed: 'an object or false', fits: () => true, members: { delayMs: milliseconds(0) } };
  expect(optionProblem({ fault: false }, { fault: off })).toBeUndefined();
  expect(optionProblem({ fault: { x: 1 } }, { fault: off })).toBe("there is no option 'fault.x'; there are delayMs");
});

test('values of an object stay unseen, and long values are cut', () => {
  expect(show({ secretAccessKey: 'hidden', region: 'eu' })).toBe('{ secretAccessKey, region }');
  expect(show({})).toBe('{}');
  expect(show(new Map([['a', 1]]))).toBe('an object');
  expect(show('x'.repeat(200))).toHaveLength(81);
  expect(show('x'.repeat(78))).toBe(`'${'x'.repeat(78)}'`);
  expect(show('x'.repeat(79))).toBe(`'${'x'.repeat(79)}…`);
  expect(show(() => undefined)).toBe('a function');
});

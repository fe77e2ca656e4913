import { createTerminal, hasColors } from '../../src/cli/terminal';

test.each([
  ['a terminal', { isTTY: true }, {}, true],
  ['a file or a pipe', {}, {}, false],
  ['a file in CI', {}, { CI: 'true' }, false],
  ['a terminal without colours', { isTTY: true }, { TERM: 'dumb' }, false],
  ['NO_COLOR', { isTTY: true }, { NO_COLOR: '1' }, false],
  ['an empty NO_COLOR', { isTTY: true }, { NO_COLOR: '' }, true],
  ['FORCE_COLOR', {}, { FORCE_COLOR: '1' }, true],
  ['FORCE_COLOR=0', { isTTY: true }, { FORCE_COLOR: '0' }, false],
  ['NO_COLOR against FORCE_COLOR', {}, { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
])('colours: %s', (_, screen, env, expected) => {
  expect(hasColors(screen, env)).toBe(expected);
});

test('who waits for a slow reader leaves no listeners', async () => {
  const { stdout } = process;
  const before = ['drain', 'close'].map((event) => stdout.listenerCount(event));
  const write = jest.spyOn(stdout, 'write').mockImplementation(() => {
    setImmediate(() => stdout.emit('drain'));
    return false;
  });
  try {
    const terminal = createTerminal(false, new AbortController().signal);
    for (let i = 0; i < 20; i += 1) await terminal.write('piece');
  } finally {
    write.mockRestore();
  }
  expect(['drain', 'close'].map((event) => stdout.listenerCount(event))).toEqual(before);
});

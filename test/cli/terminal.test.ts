import { hasColors } from '../../src/cli/terminal';

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

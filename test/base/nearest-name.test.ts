import { nearestName } from '../../src/base/nearest-name';

test.each([
  ['timout', 'timeout'],
  ['TIMEOUT', 'timeout'],
  ['minfy', 'minify'],
  ['xyz', undefined],
  ['', undefined],
])('%s may have meant %s', (name, meant) => {
  expect(nearestName(name, ['minify', 'timeout', 'ab'])).toBe(meant);
});

test.each([
  ['nothing wrong', 'timeouts', true],
  ['one letter left out', 'timeuts', true],
  ['one letter too many', 'timeoutss', true],
  ['one letter replaced', 'timeoups', true],
  ['two letters', 'timoot', true],
  ['three letters', 'tmots', true],
  ['four letters', 'tmo', false],
  ['letters at its end', 'time', false],
])('%s', (_, name, isNear) => {
  expect(nearestName(name, ['timeouts'])).toBe(isNear ? 'timeouts' : undefined);
});

test('a name of three letters may have one of them wrong, one of two letters none', () => {
  expect(nearestName('urk', ['url'])).toBe('url');
  expect(nearestName('urls', ['url'])).toBe('url');
  expect(nearestName('xrk', ['url'])).toBeUndefined();
  expect(nearestName('ac', ['ab'])).toBeUndefined();
  expect(nearestName('ab', ['ab'])).toBe('ab');
});

test('the nearest of several wins, whatever their order', () => {
  expect(nearestName('idlMs', ['totalMs', 'idleMs'])).toBe('idleMs');
  expect(nearestName('a', ['ab'])).toBeUndefined();
});

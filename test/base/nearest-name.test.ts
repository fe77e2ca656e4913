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

test('the nearest of several wins, whatever their order', () => {
  expect(nearestName('idlMs', ['totalMs', 'idleMs'])).toBe('idleMs');
  expect(nearestName('a', ['ab'])).toBeUndefined();
});

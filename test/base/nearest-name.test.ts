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
  ['one letter left out at its end', 'timeout', true],
  ['one letter left out at its beginning', 'imeouts', true],
  ['one letter too many at its beginning', 'ttimeouts', true],
  ['its last letter replaced', 'timeoutz', true],
  ['its first letter replaced', 'zimeouts', true],
  ['its last three letters replaced', 'timeoxyz', true],
  ['three letters left out at its end', 'timeo', true],
  ['three letters too many at its end', 'timeoutsxyz', true],
  ['four letters too many at its end', 'timeoutswxyz', false],
  ['three letters, each in its own way', 'tiimoutz', true],
  ['two letters swapped and three replaced', 'itmeoxyz', false],
])('%s', (_, name, isNear) => {
  expect(nearestName(name, ['timeouts'])).toBe(isNear ? 'timeouts' : undefined);
});

test('a name of three letters may have one of them wrong, one of two letters none', () => {
  expect(nearestName('urk', ['url'])).toBe('url');
  expect(nearestName('urls', ['url'])).toBe('url');
  expect(nearestName('xrk', ['url'])).toBeUndefined();
  expect(nearestName('rxl', ['url'])).toBeUndefined();
  expect(nearestName('ac', ['ab'])).toBeUndefined();
  expect(nearestName('ab', ['ab'])).toBe('ab');
});

test.each([
  ['sing', ['sign'], 'sign'],
  ['rul', ['url'], 'url'],
  ['mroe', ['some', 'more'], 'more'],
  ['ngis', ['sign'], undefined],
])('two letters in each other’s place are one mistake: %s', (name, names, meant) => {
  expect(nearestName(name, names)).toBe(meant);
});

test('the nearest of several wins, whatever their order', () => {
  expect(nearestName('idlMs', ['totalMs', 'idleMs'])).toBe('idleMs');
  expect(nearestName('a', ['ab'])).toBeUndefined();
  expect(nearestName('topic', ['topics', 'Topic'])).toBe('Topic');
  expect(nearestName('maxAttempt', ['maxAttemptOn', 'maxAttempts'])).toBe('maxAttempts');
  expect(nearestName('maxAttempt', ['maxAttemptSum', 'maxAttemptOn'])).toBe('maxAttemptOn');
});

test('a name four letters away is not meant, however long it is', () => {
  const known = 'allowDuplicateInvocation';
  expect(nearestName(`${known}abc`, [known])).toBe(known);
  expect(nearestName(`${known}abcd`, [known])).toBeUndefined();
  expect(nearestName(known.slice(0, -4), [known])).toBeUndefined();
});

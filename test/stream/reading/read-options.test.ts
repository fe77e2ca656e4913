import { firstByteLimit, HIGH_WATER_MARK, LONGEST_SILENCE_MS } from '../../../src/stream/reading/read-options';

test('what holds where nothing is said is what the documentation says', () => {
  expect(HIGH_WATER_MARK).toBe(262_144);
  expect(LONGEST_SILENCE_MS).toBe(910_000);
});

test.each([
  ['nothing is said', {}, undefined],
  ['firstByteMs is given', { firstByteMs: 5, idleMs: 7 }, { kind: 'firstByte', limitMs: 5 }],
  [
    'firstByteMs is given, and headersMs',
    { firstByteMs: 5, headersMs: 3, idleMs: 7 },
    { kind: 'firstByte', limitMs: 5 },
  ],
  ['idleMs is given alone', { idleMs: 7 }, { kind: 'idle', limitMs: 7 }],
  ['headersMs is given', { headersMs: 3 }, undefined],
  ['headersMs holds that wait', { headersMs: 3, idleMs: 7 }, undefined],
])('the wait for the first byte, before the headers, where %s', (_, timeouts, limit) => {
  expect(firstByteLimit(timeouts)).toEqual(limit);
});

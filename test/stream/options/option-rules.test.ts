import { streamContract } from '../../../src/contract/stream-contract';
import { checkContract, checkOptions, overlay, SETTINGS, TRACEPARENT } from '../../../src/stream/options/option-rules';

test.each<[string, unknown, string]>([
  ['a retry that is true', { retry: true }, 'retry must be false or an object, such as { maxAttempts: 3 }, got true'],
  ['no attempt', { retry: { maxAttempts: 0 } }, 'retry.maxAttempts must be a whole number, 1 or more, got 0'],
  [
    'a hook that does not exist',
    { hooks: { onStrat: () => 0 } },
    "there is no option 'hooks.onStrat'; did you mean 'onStart'?",
  ],
  ['NaN bytes', { maxResponseBytes: Number.NaN }, 'maxResponseBytes must be a number of bytes, 0 or more, got NaN'],
  ['an unknown decoder', { invalidUtf8: 'ignore' }, "invalidUtf8 must be 'fatal' or 'replace', got 'ignore'"],
])('%s is a CONFIG_INVALID that names what was called', (_, options, message) => {
  const check = () => checkOptions('streamInvoker', options, SETTINGS);
  expect(check).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID', rawMessage: `streamInvoker: ${message}` }));
});

test.each([
  { retry: false },
  { retry: { maxAttempts: 1, baseDelayMs: 0, maxDelayMs: 0.5, allowDuplicateInvocation: false } },
  { maxResponseBytes: 0, highWaterMark: 1 },
])('the smallest there is may be asked for: %j', (options) => {
  expect(() => checkOptions('f', options, SETTINGS)).not.toThrow();
});

test.each([
  ['text', '5'],
  ['less than nothing', -1],
])('%s is not an amount', (_, maxResponseBytes) => {
  expect(() => checkOptions('f', { maxResponseBytes }, SETTINGS)).toThrow('must be a number of bytes, 0 or more');
});

test.each([
  ['a text', '00-1', true],
  ['a function', () => '00-1', true],
  ['a number', 7, false],
])('a traceparent may be %s: %s', (_, value, may) => {
  expect(TRACEPARENT.fits(value)).toBe(may);
});

test('without bounds is an amount too', () => {
  expect(() => checkOptions('f', { maxResponseBytes: Number.POSITIVE_INFINITY }, SETTINGS)).not.toThrow();
});

test('a contract is known by its shape, of whichever copy of the package', () => {
  expect(() => checkContract('f', { ...streamContract({ format: 'text' }) })).not.toThrow();
  expect(() => checkContract('f', undefined as never)).toThrow('got undefined');
  expect(() => checkContract('f', { format: 'xml' } as never)).toThrow(
    'the contract must be one that streamContract() made, got { format }',
  );
});

test('what a call leaves undefined is that of the invoker', () => {
  expect(overlay({ a: 1, b: 2 }, { a: undefined, b: 3 })).toEqual({ a: 1, b: 3 });
  expect(overlay({ a: 1 }, undefined)).toEqual({ a: 1 });
});

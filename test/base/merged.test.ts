import { merged } from '../../src/base/merged';

test('is what spreading is: later members replace earlier ones, and what is not there adds nothing', () => {
  const [one, other] = [
    { a: 1, b: 1 },
    { b: 2, c: 2 },
  ];
  expect(merged<number>(one, undefined, {}, other)).toEqual({ ...one, ...other });
  expect(Object.keys(merged<number>(one, other))).toEqual(['a', 'b', 'c']);
  expect(one).toEqual({ a: 1, b: 1 });
});

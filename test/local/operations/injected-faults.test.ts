import { InjectedFaults } from '../../../src/local/operations/injected-faults';
import type { Fault } from '../../../src/local/operations/invocation-options';

const request = (functionName: string) =>
  ({ operation: 'Invoke', functionName, qualifier: undefined, invocation: 1 }) as const;

let changes: number;
let faults: InjectedFaults;
beforeEach(() => {
  changes = 0;
  faults = new InjectedFaults(
    () => {
      changes += 1;
    },
    (name) => name,
  );
});

const decided = (...names: readonly string[]) => {
  const decide = faults.before(({ functionName }) => ({ delayMs: functionName.length }));
  return names.map((name) => decide(request(name)));
};

test('each disturbs the next invocation that it fits and is used up; then the option decides as ever', () => {
  faults.add({ throttle: true }, { functionName: 'chat' });
  faults.add({ disconnectAfterBytes: 1 });
  expect(decided('export', 'chat', 'chat')).toEqual([{ disconnectAfterBytes: 1 }, { throttle: true }, { delayMs: 4 }]);
  expect(faults.before(undefined)(request('chat'))).toBeUndefined();
});

test('faults for the same invocation come in the order they were added, as many times as was asked', () => {
  faults.add({ delayMs: 1 }, { times: 2 });
  faults.add({ delayMs: 2 });
  expect(decided('a', 'b', 'c')).toEqual([{ delayMs: 1 }, { delayMs: 1 }, { delayMs: 2 }]);
});

test('what has not happened can be taken back, and who looks on is told of each change', () => {
  const takeBack = faults.add({ throttle: true }, { times: 2 });
  expect([changes, faults.list()]).toEqual([1, [{ fault: { throttle: true }, functionName: undefined, times: 2 }]]);
  expect(decided('a')).toEqual([{ throttle: true }]);
  takeBack();
  takeBack();
  expect([changes, decided('a'), faults.list()]).toEqual([3, [{ delayMs: 1 }], []]);
});

test.each([
  [{ delay: 1 }, {}, "injectFault(): there is no fault 'delay'; did you mean 'delayMs'?"],
  [{ rechunk: { seed: 'x' } }, {}, "injectFault(): rechunk.seed must be a number, got 'x'"],
  [{}, {}, 'injectFault(): a fault must disturb something, for example { throttle: true }, got {}'],
  [{}, { times: 0 }, 'injectFault(): times must be a whole number, 1 or more, got 0'],
  [{}, { function: 'chat' }, "injectFault(): there is no option 'function'; there are functionName, times"],
])('%j with %j is refused', (fault, options: object, message) => {
  expect(() => faults.add(fault as Fault, options)).toThrow(message);
  expect(changes).toBe(0);
});

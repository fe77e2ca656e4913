import { getEventListeners } from 'node:events';
import { onAbort } from '../../../src/stream/call/abort-listeners';

test('whoever listens is told once, in the order of their coming', () => {
  const control = new AbortController();
  const told: string[] = [];
  onAbort(control.signal, () => told.push('a'));
  onAbort(control.signal, () => told.push('b'));
  control.abort();
  control.signal.dispatchEvent(new Event('abort'));
  expect(told).toEqual(['a', 'b']);
});

test('a signal that has aborted is told of at once, and nobody listens to it', () => {
  const told: string[] = [];
  const { signal } = { signal: AbortSignal.abort() };
  onAbort(signal, () => told.push('a'))();
  expect(told).toEqual(['a']);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('one listener serves all, and goes with the last of them', () => {
  const { signal } = new AbortController();
  const ends = [1, 2, 3].map(() => onAbort(signal, () => undefined));
  const counts = ends.map((end) => {
    end();
    end();
    return getEventListeners(signal, 'abort').length;
  });
  expect(counts).toEqual([1, 1, 0]);
});

test('ending twice ends nothing of those that came later', () => {
  const control = new AbortController();
  const told: string[] = [];
  const end = onAbort(control.signal, () => told.push('a'));
  end();
  onAbort(control.signal, () => told.push('b'));
  end();
  control.abort();
  expect(told).toEqual(['b']);
});

test('whoever has ended it is not told, the others are', () => {
  const control = new AbortController();
  const told: string[] = [];
  const end = onAbort(control.signal, () => told.push('a'));
  onAbort(control.signal, () => told.push('b'));
  end();
  control.abort();
  expect(told).toEqual(['b']);
});

test('no signal, nothing to listen to', () => {
  expect(onAbort(undefined, () => undefined)()).toBeUndefined();
});

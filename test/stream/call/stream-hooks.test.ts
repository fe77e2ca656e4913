import { CallHooks } from '../../../src/stream/call/stream-hooks';

afterEach(() => jest.restoreAllMocks());

describe('the id of a call on a page that is not served over https', () => {
  /** As such a page has it: random values, but no `randomUUID`. */
  function idOf(values: number[]): string {
    const getRandomValues = (bytes: Uint8Array) => {
      bytes.set(values.slice(0, bytes.length));
      return bytes;
    };
    jest.replaceProperty(globalThis, 'crypto', { getRandomValues } as never);
    return new CallHooks(undefined).callId;
  }

  test.each([
    ['all bits', new Array(16).fill(0xff), 'ffffffff-ffff-4fff-bfff-ffffffffffff'],
    ['no bits', new Array(16).fill(0), '00000000-0000-4000-8000-000000000000'],
    ['each byte its own', Array.from({ length: 16 }, (_, i) => 17 * i), '00112233-4455-4677-8899-aabbccddeeff'],
    ['small bytes', Array.from({ length: 16 }, (_, i) => i), '00010203-0405-4607-8809-0a0b0c0d0e0f'],
  ])('is a random UUID of version 4: %s', (_, values, id) => {
    expect(idOf(values)).toBe(id);
  });
});

test('is one id for all that a call tells, and another one for the next call', () => {
  const hooks = new CallHooks(undefined);
  expect(hooks.callId).toBe(hooks.callId);
  expect(new CallHooks(undefined).callId).not.toBe(hooks.callId);
});

describe('a warning', () => {
  test('goes to the hook for it, with the id of the call', () => {
    const told: unknown[] = [];
    const hooks = new CallHooks({ onWarning: (...all) => void told.push(all) });
    hooks.warn('careful');
    expect(told).toEqual([['careful', { callId: hooks.callId }]]);
  });

  test('is one of the process where there is no such hook', () => {
    const emit = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    new CallHooks({ onStart: () => undefined }).warn('careful');
    new CallHooks(undefined).warn('again');
    expect(emit.mock.calls).toEqual([
      ['careful', 'StreamWarning'],
      ['again', 'StreamWarning'],
    ]);
  });

  test('stands on the console where there is no process', () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    jest.replaceProperty(globalThis, 'process', undefined as never);
    new CallHooks(undefined).warn('careful');
    expect(warn.mock.calls).toEqual([['careful']]);
  });
});

describe('a hook that fails', () => {
  const start = { operation: 'invoke' } as const;
  const tick = () => new Promise((resolve) => setImmediate(resolve));

  test.each([
    ['throws', () => Promise.reject(new Error('no')), 'hook onStart rejected: no'],
    [
      'rejects',
      () => {
        throw new Error('no');
      },
      'hook onStart threw: no',
    ],
  ])('is a warning where it %s', async (_, onStart, warning) => {
    const warnings: string[] = [];
    new CallHooks({ onStart, onWarning: (message) => void warnings.push(message) }).tell('onStart', start);
    await tick();
    expect(warnings).toEqual([warning]);
  });

  test('is a warning of the process where it is the hook for warnings', async () => {
    const emit = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    let asked = 0;
    const onWarning = () => {
      asked++;
      throw new Error('no');
    };
    new CallHooks({ onWarning }).warn('careful');
    expect(emit.mock.calls).toEqual([['hook onWarning threw: no', 'StreamWarning']]);
    expect(asked).toBe(1);
  });
});

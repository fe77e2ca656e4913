import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { removeFolders } from '../../test/local/engine/write-assembly';
import { isGone, startProcess } from '../../test/local/target-process';

afterEach(removeFolders);

describe('when the process of a local target is ended', () => {
  test.each(['SIGTERM', 'SIGHUP'] as const)(
    '%s ends it as the signal would, with the function and its temporary folder',
    async (signal) => {
      const { child, pid, folder } = await startProcess();
      child.kill(signal);
      expect(await once(child, 'exit')).toEqual([null, signal]);
      expect(await isGone(pid)).toBe(true);
      expect(existsSync(folder)).toBe(false);
    },
  );

  test('the function is gone even if it was killed', async () => {
    const { child, pid } = await startProcess();
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await isGone(pid)).toBe(true);
  });
});

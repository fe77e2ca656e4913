import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { removeFolders } from './engine/write-assembly';
import { expectGone, isAlive, isGone, startProcess } from './target-process';

afterEach(removeFolders);

describe('when the process of a local target is interrupted', () => {
  test('it ends as the signal would, with the function and its temporary folder', async () => {
    const { child, pid, folder } = await startProcess();
    expect([isAlive(pid), existsSync(folder)]).toEqual([true, true]);
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([null, 'SIGINT']);
    expect(await isGone(pid)).toBe(true);
    expect(existsSync(folder)).toBe(false);
  });

  test('by kill -9, its function and its temporary folder end, too', async () => {
    const { child, pid, folder } = await startProcess();
    child.kill('SIGKILL');
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
    expect(await isGone(pid)).toBe(true);
    await expectGone(folder);
  });

  test('a listener of its own decides how it ends', async () => {
    const { child, pid, folder } = await startProcess('ends-itself');
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([7, null]);
    expect(await isGone(pid)).toBe(true);
    expect(existsSync(folder)).toBe(false);
  });
});

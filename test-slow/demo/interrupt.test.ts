/** Stops the demo in the middle of the stream, by Ctrl-C or by closing the terminal: it must say so and leave nothing behind. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

const root = join(__dirname, '..', '..');

/** Process ids below `ancestor`, from Linux's process table. */
function descendants(ancestor: number): number[] {
  const parents = new Map<number, number>();
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const [, parent] = readFileSync(`/proc/${entry}/stat`, 'utf8')
        .replace(/^.*\) /, '')
        .split(' ');
      parents.set(Number(entry), Number(parent));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error; // it ended while we looked
    }
  }
  const isBelow = (pid: number): boolean => {
    const parent = parents.get(pid);
    return parent !== undefined && (parent === ancestor || isBelow(parent));
  };
  return [...parents.keys()].filter(isBelow);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Those that are still alive once all others have had time to be reaped: a helper ends when its pipe to the demo closes. */
async function survivors(pids: readonly number[]): Promise<readonly number[]> {
  for (let tries = 0; tries < 300 && pids.some(isAlive); tries += 1) await setTimeout(100);
  return pids.filter(isAlive);
}

/** One for all, so that the second demo finds compiled what the first one has compiled. */
const temporary = mkdtempSync(join(tmpdir(), 'interrupted-demo-'));
afterAll(() => rmSync(temporary, { recursive: true }));

const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s in the middle of the stream ends the demo, every process it started and its files',
  async (signal) => {
    const args = ['--import', 'tsx', 'examples/flight-export/demo.ts'];
    const demo = spawn(process.execPath, args, {
      cwd: root,
      env: { ...process.env, TSX_TSCONFIG_PATH: join(root, 'test', 'tsconfig.json'), TMPDIR: temporary },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const { pid } = demo;
    if (pid === undefined) throw new Error('the demo did not start');
    // Not only ended, but all that it said is read.
    const ended = once(demo, 'close');
    let output = '';
    demo.stderr.on('data', (data) => {
      output += data;
    });
    let started: readonly number[] = [];
    demo.stdout.on('data', (data) => {
      output += data;
      // At once: the demo does not wait.
      if (started.length > 0 || !/rows\/s/.test(output)) return;
      started = descendants(pid);
      demo.kill(signal);
    });
    const [code] = await ended;
    expect(output).toContain('rows/s');
    expect(started.length).toBeGreaterThan(0);

    expect({ code, alive: await survivors(started) }).toEqual({ code: 130, alive: [] });
    expect(output).toMatch(/\nStopped; nothing is left\.\n$/);
    expect(output).not.toContain('    at ');
    expect(readdirSync(temporary).filter((name) => name.startsWith('flight-export-'))).toEqual([]);
  },
);

/** Measures the CPU seconds, user and system, of a program and everything it starts. Linux only: it reads /proc. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Kernel clock ticks per second; it is 100 on every Linux that runs Node.js. */
const TICKS_PER_SECOND = 100;

/** CPU seconds of one process: its own, and those of children it has waited for. */
function cpuOf(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [utime, stime, cutime, cstime] = fields.slice(11, 15).map(Number);
  return { own: (utime + stime) / TICKS_PER_SECOND, waited: (cutime + cstime) / TICKS_PER_SECOND };
}

/**
 * CPU seconds of children that still live, esbuild's service above all: it is killed at exit, never waited for, and so
 * counts nowhere unless it is asked before.
 */
export function livingChildrenCpu() {
  // A child belongs to the thread that started it, and esbuild is started by a worker.
  const children = readdirSync('/proc/self/task').flatMap((thread) =>
    readFileSync(`/proc/self/task/${thread}/children`, 'utf8').trim().split(' ').filter(Boolean),
  );
  return children.map(cpuOf).reduce((sum, { own, waited }) => sum + own + waited, 0);
}

/** Runs a command that reports `livingChildrenCpu()` into the file named by BENCH_REPORT before it ends. */
export function measure(file, args, options = {}) {
  const report = join(tmpdir(), `synth-bench-${process.pid}.json`);
  rmSync(report, { force: true });
  const before = cpuOf(process.pid).waited;
  const started = performance.now();
  const { status, stderr } = spawnSync(file, args, {
    ...options,
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    env: { ...process.env, ...options.env, BENCH_REPORT: report },
  });
  const wall = (performance.now() - started) / 1000;
  if (status !== 0) throw new Error(`${file} ${args.join(' ')} failed:\n${stderr}`);
  const { living, ...reported } = JSON.parse(readFileSync(report, 'utf8'));
  rmSync(report, { force: true });
  return { ...reported, cpu: cpuOf(process.pid).waited - before + living, wall };
}

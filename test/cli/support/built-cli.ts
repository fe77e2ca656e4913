/** The command line as users run it: bundled, in a folder like that of the installed package, as a process of its own. */
import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';

const { bundleCli } = require('../../../build-tools/cli-bundle.cjs') as {
  bundleCli(folder: string, floorsInside?: boolean): Promise<void>;
};

const root = join(__dirname, '../../..');

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process of the command line. */
export interface CliProcess {
  readonly pid: number;
  readonly stdin: Writable;
  /** Closes the other end of standard output, as `head` does. */
  leave(): void;
  readonly ended: Promise<CliResult>;
  /** Resolves with the match when standard output or standard error has it; rejects when the process ends before. */
  said(pattern: RegExp): Promise<RegExpExecArray>;
  kill(signal: NodeJS.Signals): void;
}

export interface BuiltCli {
  /** Where it runs; empty at first. */
  readonly folder: string;
  run(args: readonly string[], env?: Readonly<Record<string, string>>, from?: string): Promise<CliResult>;
  /** @param from the folder it runs in, which is `folder` without it */
  start(args: readonly string[], env?: Readonly<Record<string, string>>, from?: string): CliProcess;
  remove(): void;
}

/** Bundles the command line, once for a test file. */
export async function buildCli(): Promise<BuiltCli> {
  const home = mkdtempSync(join(tmpdir(), 'cli-'));
  const packageFolder = join(home, 'node_modules', 'cdk-lambda-streaming');
  const folder = join(home, 'project');
  mkdirSync(packageFolder, { recursive: true });
  mkdirSync(folder);
  await bundleCli(join(packageFolder, 'lib', 'cli'), true);
  copyFileSync(join(root, 'package.json'), join(packageFolder, 'package.json'));
  symlinkSync(join(root, 'assets'), join(packageFolder, 'assets'));
  // What the user has installed.
  symlinkSync(join(root, 'node_modules', '@aws-sdk'), join(home, 'node_modules', '@aws-sdk'));
  const running = new Set<CliProcess>();
  const start = (args: readonly string[], env: Readonly<Record<string, string>> = {}, from = folder) => {
    const child = startProcess([join(packageFolder, 'lib', 'cli', 'main.js'), ...args], from, env);
    running.add(child);
    const forget = () => running.delete(child);
    child.ended.then(forget, forget);
    return child;
  };
  return {
    folder,
    start,
    run: (args, env, from) => start(args, env, from).ended,
    remove: () => {
      // What a failed test left running would keep the test runner from ending.
      for (const { pid } of running) process.kill(pid, 'SIGKILL');
      rmSync(home, { recursive: true, force: true });
    },
  };
}

function startProcess(args: readonly string[], cwd: string, env: Readonly<Record<string, string>>): CliProcess {
  const { PATH, HOME, TMPDIR } = process.env;
  const quiet = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true', AWS_EC2_METADATA_DISABLED: 'true' };
  const child = spawn(process.execPath, args, {
    cwd,
    env: { PATH, HOME, ...(TMPDIR !== undefined && { TMPDIR }), ...quiet, ...env },
    stdio: 'pipe',
  });
  const seen = { stdout: '', stderr: '' };
  const listeners = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      seen[name] += text;
      for (const listener of listeners) listener();
    });
  }
  const ended = new Promise<CliResult>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      try {
        // Killed, it may be in the middle of a line.
        if (args.includes('--json') && code !== null)
          for (const line of seen.stdout.split('\n')) if (line) JSON.parse(line);
        resolve({ code, ...seen });
      } catch {
        reject(new Error(`with --json, standard output must have JSON alone, got:\n${seen.stdout}`));
      }
    });
  });
  return {
    pid: child.pid ?? 0,
    stdin: child.stdin,
    leave: () => void child.stdout.destroy(),
    ended,
    kill: (signal) => child.kill(signal),
    said: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(seen.stdout) ?? pattern.exec(seen.stderr);
          if (match === null) return;
          listeners.delete(look);
          resolve(match);
        };
        listeners.add(look);
        look();
        ended.then(
          ({ code }) =>
            reject(new Error(`ended with ${code} before it said ${pattern}:\n${seen.stdout}${seen.stderr}`)),
          reject,
        );
      }),
  };
}

/** The processes that `ancestor` and its children started, from Linux's process table; elsewhere none can be seen. */
export function processesBelow(ancestor: number): readonly number[] {
  if (process.platform !== 'linux') return [];
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

/** Those of `pids` that do not end, though they had time to. */
export async function survivors(pids: readonly number[]): Promise<readonly number[]> {
  const isAlive = (pid: number) => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false; // no such process
    }
  };
  for (let tries = 0; tries < 100 && pids.some(isAlive); tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return pids.filter(isAlive);
}

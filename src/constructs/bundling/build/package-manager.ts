/** The package manager a project uses, told by its lock file, and its commands as `NodejsFunction` has them. */
import * as path from 'node:path';
import type { Project } from '../files/project-root';

/** Commands of a package manager. */
export interface PackageManager {
  /** Installs what a `package.json` and a lock file say, as files that may be moved, one copy of each. */
  installation(logLevel: string | undefined): readonly [program: string, ...args: string[]];
  /** What a user types to get a package for development. */
  readonly adds: string;
  /** Written by an installation below `node_modules`, with the time and the place of it. */
  readonly stamp?: string;
}

/** npm knows levels; the others are silent or not. */
const silent = (logLevel: string | undefined, ...flags: string[]) => (logLevel && logLevel !== 'info' ? flags : []);

const NPM: PackageManager = {
  installation: (logLevel) => ['npm', 'ci', ...(logLevel ? ['--loglevel', logLevel] : [])],
  adds: 'npm install --save-dev',
};

const YARN: PackageManager = {
  installation: (logLevel) => ['yarn', 'install', '--no-immutable', ...silent(logLevel, '--silent')],
  adds: 'yarn add --dev',
};

const PNPM: PackageManager = {
  installation: (logLevel) => [
    'pnpm',
    'install',
    ...silent(logLevel, '--reporter', 'silent'),
    '--config.node-linker=hoisted',
    '--config.package-import-method=clone-or-copy',
    '--no-prefer-frozen-lockfile',
  ],
  adds: 'pnpm add --save-dev',
  stamp: '.modules.yaml',
};

const BUN: PackageManager = {
  installation: (logLevel) => ['bun', 'install', '--backend', 'copyfile', ...silent(logLevel, '--silent')],
  adds: 'bun add --dev',
  stamp: '.cache',
};

const BY_LOCK_FILE: Readonly<Record<string, PackageManager>> = {
  'package-lock.json': NPM,
  'yarn.lock': YARN,
  'pnpm-lock.yaml': PNPM,
  'bun.lock': BUN,
  'bun.lockb': BUN,
};

/** The package manager that writes a lock file of this name, if any does. */
export function packageManagerOf(lockFile: string): PackageManager | undefined {
  return BY_LOCK_FILE[path.basename(lockFile)];
}

/** The command that gives a project a package for development. */
export function commandToAdd(name: string, { lockFiles }: Project): string {
  const [manager = NPM] = lockFiles.map(packageManagerOf);
  return `${manager.adds} ${name}`;
}

/** The package manager a project uses, told by its lock file, and its commands as `NodejsFunction` has them. */
import * as path from 'node:path';
import type { Project } from '../files/project-root';

/** Commands of a package manager. */
export interface PackageManager {
  /** Installs what a `package.json` and a lock file say, as files that may be moved, one copy of each. */
  installation(logLevel: string | undefined): readonly [program: string, ...args: string[]];
  /** What a user types to get a package, and to get one for development only. */
  readonly adds: string;
  readonly addsForDevelopment: string;
  /** What to do where it is not on the path; npm comes with Node.js. */
  readonly remedy?: string;
  /** Environment variables that the installation needs. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Written by an installation beside the modules, with the time and the place of it. */
  readonly stamps?: readonly string[];
}

/** npm knows levels; the others are silent or not. */
const silent = (logLevel: string | undefined, ...flags: string[]) => (logLevel && logLevel !== 'info' ? flags : []);

const NPM: PackageManager = {
  installation: (logLevel) => ['npm', 'ci', ...(logLevel ? ['--loglevel', logLevel] : [])],
  adds: 'npm install',
  addsForDevelopment: 'npm install --save-dev',
};

const YARN: PackageManager = {
  installation: (logLevel) => ['yarn', 'install', '--no-immutable', ...silent(logLevel, '--silent')],
  adds: 'yarn add',
  addsForDevelopment: 'yarn add --dev',
  remedy: 'Run: corepack enable yarn (or: npm install --global corepack, where Node.js comes without it)',
  // Plug'n'Play would leave the modules in an archive of the project, where a function cannot reach them.
  environment: { YARN_NODE_LINKER: 'node-modules' },
  stamps: ['.yarn', 'node_modules/.yarn-state.yml'],
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
  adds: 'pnpm add',
  addsForDevelopment: 'pnpm add --save-dev',
  remedy: 'Run: corepack enable pnpm (or: npm install --global pnpm)',
  stamps: ['node_modules/.modules.yaml'],
};

const BUN: PackageManager = {
  installation: (logLevel) => ['bun', 'install', '--backend', 'copyfile', ...silent(logLevel, '--silent')],
  adds: 'bun add',
  addsForDevelopment: 'bun add --dev',
  remedy: 'Run: npm install --global bun',
  stamps: ['node_modules/.cache'],
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

/** The command that gives a project a package, for development only unless its code imports it. */
export function commandToAdd(
  name: string,
  { lockFiles }: Project,
  use: 'code' | 'development' = 'development',
): string {
  const [manager = NPM] = lockFiles.map(packageManagerOf);
  return `${use === 'code' ? manager.adds : manager.addsForDevelopment} ${name}`;
}

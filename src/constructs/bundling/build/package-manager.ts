/** The package manager a project uses, told by its lock file, and its commands as `NodejsFunction` has them. */
import * as path from 'node:path';
import { INSTALL_COMMANDS, type InstallCommands, PACKAGE_MANAGER_OF } from '../../../base/install-commands';
import type { Project } from '../files/project-root';

/** Commands of a package manager. */
export interface PackageManager extends InstallCommands {
  /** Installs what a `package.json` and a lock file say, as files that may be moved, one copy of each. */
  installation(logLevel: string | undefined): readonly [program: string, ...args: string[]];
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
  ...INSTALL_COMMANDS.npm,
  installation: (logLevel) => ['npm', 'ci', ...(logLevel ? ['--loglevel', logLevel] : [])],
};

const YARN: PackageManager = {
  ...INSTALL_COMMANDS.yarn,
  installation: (logLevel) => ['yarn', 'install', '--no-immutable', ...silent(logLevel, '--silent')],
  remedy: 'Run: corepack enable yarn (or: npm install --global corepack, where Node.js comes without it)',
  // Plug'n'Play would leave the modules in an archive of the project, where a function cannot reach them.
  environment: { YARN_NODE_LINKER: 'node-modules' },
  stamps: ['.yarn', 'node_modules/.yarn-state.yml'],
};

const PNPM: PackageManager = {
  ...INSTALL_COMMANDS.pnpm,
  installation: (logLevel) => [
    'pnpm',
    'install',
    ...silent(logLevel, '--reporter', 'silent'),
    '--config.node-linker=hoisted',
    '--config.package-import-method=clone-or-copy',
    '--no-prefer-frozen-lockfile',
  ],
  remedy: 'Run: corepack enable pnpm (or: npm install --global pnpm)',
  stamps: ['node_modules/.modules.yaml'],
};

const BUN: PackageManager = {
  ...INSTALL_COMMANDS.bun,
  installation: (logLevel) => ['bun', 'install', '--backend', 'copyfile', ...silent(logLevel, '--silent')],
  remedy: 'Run: npm install --global bun',
  stamps: ['node_modules/.cache'],
};

const BY_NAME = { npm: NPM, yarn: YARN, pnpm: PNPM, bun: BUN };

/** The package manager that writes a lock file of this name, if any does. */
export function packageManagerOf(lockFile: string): PackageManager | undefined {
  const name = PACKAGE_MANAGER_OF.get(path.basename(lockFile));
  return name && BY_NAME[name];
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

/** Installs modules next to a bundle, with the package manager and the versions of the project. */
import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import * as path from 'node:path';
import { BundlingError } from './bundling-error';
import { readJson, record } from './json-file';
import { isFile } from './probe';
import { LOCK_FILES, nearest, type Project } from './project-root';
import { type CommandContext, runProgram } from './run-command';

/** Options are those of `NodejsFunction`: one copy of each module, and files that may be moved. */
const INSTALL: Record<string, readonly [string, ...string[]]> = {
  'package-lock.json': ['npm', 'ci'],
  'yarn.lock': ['yarn', 'install', '--no-immutable'],
  'pnpm-lock.yaml': [
    'pnpm',
    'install',
    '--config.node-linker=hoisted',
    '--config.package-import-method=clone-or-copy',
    '--no-prefer-frozen-lockfile',
  ],
  'bun.lock': ['bun', 'install', '--backend', 'copyfile'],
  'bun.lockb': ['bun', 'install', '--backend', 'copyfile'],
};

/** Installs `modules` into `dir/node_modules`. */
export function installModules(
  modules: readonly string[],
  dir: string,
  entry: string,
  project: Project,
  context: CommandContext,
): void {
  const lockFile = onlyLockFile(project);
  const lockName = path.basename(lockFile);
  const [program, ...args] = INSTALL[lockName] ?? fail(`no package manager is known for the lock file ${lockFile}`);
  const dependencies = versionsOf(modules, entry);
  fs.writeFileSync(path.join(dir, 'package.json'), JSON.stringify({ dependencies }));
  fs.copyFileSync(lockFile, path.join(dir, lockName));
  if (program === 'pnpm') fs.writeFileSync(path.join(dir, 'pnpm-workspace.yaml'), '');
  runProgram(program, args, { ...context, cwd: dir });
  // They name the time and the place of the installation.
  for (const stamp of ['.modules.yaml', '.cache']) {
    fs.rmSync(path.join(dir, 'node_modules', stamp), { recursive: true, force: true });
  }
}

/** The same installation as shell commands for a container. */
export function installationCommands(
  modules: readonly string[],
  dir: string,
  entry: string,
  project: Project,
  inContainer: (file: string) => string,
): string[] {
  const lockFile = onlyLockFile(project);
  const lockName = path.basename(lockFile);
  const command = INSTALL[lockName] ?? fail(`no package manager is known for the lock file ${lockFile}`);
  const description = JSON.stringify({ dependencies: versionsOf(modules, entry) });
  return [
    ...(command[0] === 'pnpm' ? [`echo '' > "${dir}/pnpm-workspace.yaml"`] : []),
    `echo '${description}' > "${dir}/package.json"`,
    `cp "${inContainer(lockFile)}" "${dir}/${lockName}"`,
    `cd "${dir}"`,
    command.join(' '),
    'rm -rf node_modules/.modules.yaml node_modules/.cache',
  ];
}

function onlyLockFile({ root, lockFiles }: Project): string {
  const [lockFile, second] = lockFiles;
  if (lockFile && !second) return lockFile;
  return fail(
    lockFile
      ? `nodeModules needs one lock file, found ${lockFiles.join(', ')}; choose one with depsLockFilePath`
      : `nodeModules needs a lock file (${LOCK_FILES.join(', ')}), and there is none at or above ${root}; name it with depsLockFilePath`,
  );
}

/** As the nearest package.json asks for them, else as they are installed. */
function versionsOf(modules: readonly string[], entry: string): Record<string, string> {
  const dir = nearest(path.dirname(entry), (above) => isFile(path.join(above, 'package.json')));
  if (dir === undefined) return fail(`nodeModules needs a package.json, and there is none at or above ${entry}`);
  const description = readJson(path.join(dir, 'package.json')) ?? {};
  const { peerDependencies, devDependencies, dependencies } = description;
  const asked = { ...record(peerDependencies), ...record(devDependencies), ...record(dependencies) };
  return Object.fromEntries(modules.map((name) => [name, versionOf(name, asked[name], dir)]));
}

function versionOf(name: string, asked: unknown, dir: string): string {
  if (typeof asked === 'string') {
    const local = /^file:(.+)/.exec(asked)?.[1];
    return local && !path.isAbsolute(local) ? `file:${path.join(dir, local)}` : asked;
  }
  const { version } = record(installedDescription(name, dir));
  return typeof version === 'string'
    ? version
    : fail(`nodeModules names '${name}', which is neither in ${path.join(dir, 'package.json')} nor installed`);
}

function installedDescription(name: string, dir: string): Record<string, unknown> | undefined {
  const paths = createRequire(path.join(dir, 'package.json')).resolve.paths(name) ?? [];
  return paths
    .map((modules) => readJson(path.join(modules, name, 'package.json')))
    .find((found) => found !== undefined);
}

function fail(message: string): never {
  throw new BundlingError(message);
}

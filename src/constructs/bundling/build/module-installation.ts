/** Installs modules next to a bundle, with the package manager and the versions of the project. */
import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import * as path from 'node:path';
import { BundlingError } from '../bundling-error';
import { readJson, record } from '../files/json-file';
import { isFile } from '../files/probe';
import { LOCK_FILES, nearest, type Project } from '../files/project-root';
import { type CommandContext, runProgram } from './commands';
import { packageManagerOf } from './package-manager';

/** What is to be installed. */
export interface Installation {
  readonly modules: readonly string[];
  /** Entry that asks for them: the `package.json` above it knows their versions. */
  readonly entry: string;
  readonly project: Project;
  readonly logLevel: string | undefined;
}

/** Installs modules into `dir/node_modules`. */
export function installModules(installation: Installation, dir: string, context: CommandContext): void {
  const { lockFile, command, stamp } = planOf(installation);
  const [program, ...args] = command;
  fs.writeFileSync(path.join(dir, 'package.json'), descriptionOf(installation));
  fs.copyFileSync(lockFile, path.join(dir, path.basename(lockFile)));
  if (program === 'pnpm') fs.writeFileSync(path.join(dir, 'pnpm-workspace.yaml'), '');
  runProgram(program, args, { ...context, cwd: dir });
  if (stamp) fs.rmSync(path.join(dir, 'node_modules', stamp), { recursive: true, force: true });
}

/** The same installation as shell commands for a container. */
export function installationCommands(
  installation: Installation,
  dir: string,
  inContainer: (file: string) => string,
): string[] {
  const { lockFile, command, stamp } = planOf(installation);
  return [
    ...(command[0] === 'pnpm' ? [`echo '' > "${dir}/pnpm-workspace.yaml"`] : []),
    `echo '${descriptionOf(installation)}' > "${dir}/package.json"`,
    `cp "${inContainer(lockFile)}" "${dir}/${path.basename(lockFile)}"`,
    `cd "${dir}"`,
    command.join(' '),
    ...(stamp ? [`rm -rf "${dir}/node_modules/${stamp}"`] : []),
  ];
}

function planOf({ project, logLevel }: Installation) {
  const lockFile = onlyLockFile(project);
  const manager = packageManagerOf(lockFile) ?? fail(`no package manager is known for the lock file ${lockFile}`);
  return { lockFile, command: manager.installation(logLevel), stamp: manager.stamp };
}

function descriptionOf({ modules, entry }: Installation): string {
  return JSON.stringify({ dependencies: versionsOf(modules, entry) });
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
  const { dependencies, devDependencies, peerDependencies } = description;
  // In the order of `NodejsFunction`: the last wins.
  const asked = { ...record(dependencies), ...record(devDependencies), ...record(peerDependencies) };
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
  throw new BundlingError('OptionInvalid', message);
}

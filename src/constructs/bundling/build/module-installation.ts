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
  const { lockFile, manager, command } = planOf(installation);
  const [program, ...args] = command;
  fs.writeFileSync(path.join(dir, 'package.json'), descriptionOf(installation));
  fs.copyFileSync(lockFile, path.join(dir, path.basename(lockFile)));
  if (program === 'pnpm') fs.writeFileSync(path.join(dir, 'pnpm-workspace.yaml'), '');
  const environment = { ...manager.environment, ...context.environment };
  runProgram(program, args, { environment, cwd: dir }, manager.remedy);
  for (const stamp of manager.stamps ?? []) fs.rmSync(path.join(dir, stamp), { recursive: true, force: true });
  checkInstalled(installation, dir);
}

/** @throws BundlingError where an installation succeeded and a module is missing all the same */
function checkInstalled({ modules }: Installation, dir: string): void {
  const missing = modules.filter((name) => !fs.existsSync(path.join(dir, 'node_modules', name)));
  if (missing.length === 0) return;
  throw new BundlingError(
    'CommandFailed',
    `the package manager left no ${missing.map((name) => `node_modules/${name}`).join(', ')}, so that the function could not ` +
      'load it; set the package manager to install into node_modules, or install with commandHooks',
  );
}

/** The same installation as shell commands for a container. */
export function installationCommands(
  installation: Installation,
  dir: string,
  inContainer: (file: string) => string,
): string[] {
  const { lockFile, manager, command } = planOf(installation);
  const variables = Object.entries(manager.environment ?? {}).map(([name, value]) => `${name}=${value}`);
  return [
    ...(command[0] === 'pnpm' ? [`echo '' > "${dir}/pnpm-workspace.yaml"`] : []),
    `echo '${descriptionOf(installation)}' > "${dir}/package.json"`,
    `cp "${inContainer(lockFile)}" "${dir}/${path.basename(lockFile)}"`,
    `cd "${dir}"`,
    [...variables, ...command].join(' '),
    ...(manager.stamps ?? []).map((stamp) => `rm -rf "${dir}/${stamp}"`),
  ];
}

function planOf({ project, logLevel }: Installation) {
  const lockFile = onlyLockFile(project);
  const manager = packageManagerOf(lockFile) ?? fail(`no package manager is known for the lock file ${lockFile}`);
  return { lockFile, manager, command: manager.installation(logLevel) };
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

/** What says nothing outside of the workspace: a version in its catalog, or whatever a package of it has. */
const OF_WORKSPACE = /^(catalog|workspace|portal|link):/;

function versionOf(name: string, asked: unknown, dir: string): string {
  if (typeof asked === 'string' && !OF_WORKSPACE.test(asked)) {
    const local = /^file:(.+)/.exec(asked)?.[1];
    return local && !path.isAbsolute(local) ? `file:${path.join(dir, local)}` : asked;
  }
  const installed = installedPlace(name, dir);
  const { version } = record(installed && readJson(path.join(installed, 'package.json')));
  const isCatalogued = typeof asked !== 'string' || asked.startsWith('catalog:');
  if (installed !== undefined && !isCatalogued) return `file:${fs.realpathSync(installed)}`;
  if (typeof version === 'string') return version;
  return fail(
    typeof asked === 'string'
      ? `nodeModules names '${name}', which is '${asked}' in ${path.join(dir, 'package.json')} and not installed; install it`
      : `nodeModules names '${name}', which is neither in ${path.join(dir, 'package.json')} nor installed`,
  );
}

function installedPlace(name: string, dir: string): string | undefined {
  const paths = createRequire(path.join(dir, 'package.json')).resolve.paths(name) ?? [];
  return paths.map((modules) => path.join(modules, name)).find((place) => isFile(path.join(place, 'package.json')));
}

function fail(message: string): never {
  throw new BundlingError('OptionInvalid', message);
}

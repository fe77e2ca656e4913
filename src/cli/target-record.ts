/** Where running local targets are found: each leaves its address and a secret in a file that only this user can read. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { PACKAGE_MANAGER_OF } from '../base/install-commands';
import { onProcessEnd } from '../local/exit-cleanup';
import { privateFolder } from './private-folder';
import { UsageError } from './usage-error';

/** What is in the file of a running target. */
export interface TargetRecord {
  readonly url: string;
  readonly secret: string;
  /** Where clients of AWS reach it, which tells targets apart. */
  readonly endpoint: string;
  /** Where it was started. */
  readonly folder: string;
  /** What is killed cannot remove its file. */
  readonly pid: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
}

/** What to do where no target is found, or none answers. */
export const START_ONE = "start one in this folder with 'npx cdk-lambda-streaming dev', or 'start'";

/** Leaves the record of this process; gives what removes it. */
export function leaveRecord(access: Pick<TargetRecord, 'url' | 'secret' | 'endpoint'>): () => void {
  const record: TargetRecord = { ...access, folder: process.cwd(), pid: process.pid, startedAt: Date.now() };
  const file = recordFile(process.pid);
  const remove = () => rmSync(file, { force: true });
  remove(); // of a process that was killed, and had this number
  const forget = onProcessEnd(remove);
  writeFileSync(file, JSON.stringify(record), { mode: 0o600 });
  return () => {
    remove();
    forget();
  };
}

/**
 * The target that `start` or `dev` runs for this folder, or one above it; else the only one in the same repository. Of several
 * for one folder it is the one that was started last.
 * @param note is told what is taken where that is not plain
 * @throws a UsageError that names where others run
 */
export function findTarget(note: (text: string) => void): TargetRecord {
  const targets = runningTargets();
  const here = process.cwd();
  const folders = [...new Set(targets.map(({ folder }) => folder))];
  const above = foldersAbove(here).find((folder) => folders.includes(folder));
  const root = repositoryAround(here);
  const [only, another] = root === undefined ? [] : folders.filter((folder) => isBelow(folder, root));
  const taken = above ?? (another === undefined ? only : undefined);
  const [found, ...others] = targets.filter(({ folder }) => folder === taken);
  if (found !== undefined) {
    if (above === undefined) note(`no local target runs for this folder; the one for '${found.folder}' is asked`);
    if (others.length > 0)
      note(
        `${others.length + 1} local targets run for '${found.folder}'; the one started last is asked: ${found.endpoint}`,
      );
    return found;
  }
  const elsewhere = folders.map((folder) => `'${folder}'`).join(' and for ');
  const call = elsewhere === '' ? '' : `there is one for ${elsewhere}: call from there, or `;
  throw new UsageError(`no local target runs for this folder; ${call}${START_ONE}`);
}

/** Those that run for this folder already, for whoever starts one more. */
export function targetsHere(): readonly TargetRecord[] {
  return runningTargets().filter(({ folder }) => folder === process.cwd());
}

/** The one that was started last first. What those that were killed have left is removed. */
function runningTargets(): readonly TargetRecord[] {
  const place = privateFolder();
  const records = readdirSync(place).flatMap((name) => readRecord(join(place, name)));
  for (const { pid } of records) if (!isRunning(pid)) rmSync(recordFile(pid), { force: true });
  return records.filter(({ pid }) => isRunning(pid)).sort((a, b) => b.startedAt - a.startedAt);
}

const recordFile = (pid: number): string => join(privateFolder(), `${pid}.json`);

/** None where the target has just ended, or is just writing it. */
function readRecord(file: string): readonly TargetRecord[] {
  try {
    return [JSON.parse(readFileSync(file, 'utf8')) as TargetRecord];
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false; // no such process, or that of another user, who has a folder of their own
  }
}

function foldersAbove(folder: string): string[] {
  return folder === dirname(folder) ? [folder] : [folder, ...foldersAbove(dirname(folder))];
}

/** What is in the folder of a workspace, beside lock files. */
const WORKSPACE_FILES = ['pnpm-workspace.yaml', 'lerna.json', 'nx.json', 'turbo.json', 'npm-shrinkwrap.json'];

/** The nearest folder under version control; without one, the nearest with a lock file or that of a workspace. */
function repositoryAround(folder: string): string | undefined {
  const folders = foldersAbove(folder);
  const nearest = (names: readonly string[]) =>
    folders.find((each) => names.some((name) => existsSync(join(each, name))));
  return nearest(['.git']) ?? nearest([...PACKAGE_MANAGER_OF.keys(), ...WORKSPACE_FILES]);
}

function isBelow(folder: string, root: string): boolean {
  const way = relative(root, folder);
  return !isAbsolute(way) && way !== '..' && !way.startsWith(`..${sep}`);
}

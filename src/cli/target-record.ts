/** Where running local targets are found: each leaves its address and a secret in a file that only this user can read. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { onProcessEnd } from '../local/exit-cleanup';
import { privateFolder } from './private-folder';
import { UsageError } from './usage-error';

/** What is in the file of a running target. */
export interface TargetRecord {
  readonly url: string;
  readonly secret: string;
  /** Where it was started. */
  readonly folder: string;
  /** What is killed cannot remove its file. */
  readonly pid: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
}

/** What to do where no target is found, or none answers. */
export const START_ONE = "start one in this folder with 'npx cdk-lambda-streaming start'";

/** Leaves the record of this process; gives what removes it. */
export function leaveRecord(access: Pick<TargetRecord, 'url' | 'secret'>): () => void {
  const record: TargetRecord = { ...access, folder: process.cwd(), pid: process.pid, startedAt: Date.now() };
  const file = join(privateFolder(), `${process.pid}.json`);
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
 * The target that `start` or `dev` runs for this folder, or one above it.
 * @throws a UsageError that names where others run
 */
export function findTarget(): TargetRecord {
  const targets = runningTargets();
  const inFolder = (folder: string) => targets.find((target) => target.folder === folder);
  const found = foldersAbove(process.cwd())
    .map(inFolder)
    .find((target) => target !== undefined);
  if (found !== undefined) return found;
  const elsewhere = targets.map(({ folder }) => `'${folder}'`).join(' and for ');
  const call = elsewhere === '' ? '' : `there is one for ${elsewhere}: call from there, or `;
  throw new UsageError(`no local target runs for this folder; ${call}${START_ONE}`);
}

/** The one that was started last first. */
function runningTargets(): readonly TargetRecord[] {
  const place = privateFolder();
  const records = readdirSync(place).flatMap((name) => readRecord(join(place, name)));
  return records.filter(({ pid }) => isRunning(pid)).sort((a, b) => b.startedAt - a.startedAt);
}

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

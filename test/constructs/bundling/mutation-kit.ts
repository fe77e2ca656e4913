/** Ways to change a project on disk, and what a project to change consists of. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { StreamingBundlingOptions } from '../../../src/constructs/streaming-bundling-options';
import type { Project } from './project';

export type Random = () => number;
export type Mutation = (project: Project, random: Random) => void;

/** A project, what is bundled from it, and ways to change what the bundles contain. */
export interface Subject {
  readonly files: Readonly<Record<string, string>>;
  /** Symbolic links and their targets. */
  readonly links: Readonly<Record<string, string>>;
  readonly builds: ReadonlyArray<{ readonly entry: string; readonly options: StreamingBundlingOptions }>;
  readonly mutations: Readonly<Record<string, Mutation>>;
}

/** Writes another of a few contents, so that sequences come back to earlier states. */
export const set =
  (name: string, make: (n: number) => string): Mutation =>
  (project, random) => {
    const now = fs.existsSync(project.path(name)) ? fs.readFileSync(project.path(name), 'utf8') : undefined;
    project.write({ [name]: other([0, 1, 2].map(make), now, random) });
  };

/** Adds a file that is not there yet, or removes it again. */
export const toggle =
  (name: string, text: string): Mutation =>
  (project) => {
    const top = path.join(project.root, name);
    if (fs.existsSync(top)) fs.rmSync(top);
    else project.write({ [name]: text });
  };

/** Points a symbolic link to another of its targets. */
export const relink =
  (name: string, ...targets: string[]): Mutation =>
  (project, random) =>
    link(project, name, other(targets, fs.readlinkSync(project.path(name)), random));

/** Writes a file anew with the contents it has: a new time and, after a rename, a new inode. */
export const touch =
  (name: string): Mutation =>
  (project) => {
    const file = project.path(name);
    fs.writeFileSync(`${file}.new`, fs.readFileSync(file));
    fs.renameSync(`${file}.new`, file);
  };

/** Makes a symbolic link; what was there goes. */
export function link(project: Project, name: string, target: string): void {
  fs.rmSync(project.path(name), { recursive: true, force: true });
  fs.mkdirSync(path.dirname(project.path(name)), { recursive: true });
  fs.symlinkSync(target, project.path(name));
}

function other(all: readonly string[], now: string | undefined, random: Random): string {
  const choice = all.filter((each) => each !== now);
  return choice[Math.floor(random() * choice.length)] ?? '';
}

/** What the code of a function was copied from: a note beside its folder, for whoever tells of its files. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

const noteOf = (codeDirectory: string): string => `${codeDirectory}.origin`;

/** @param origin the folder in the cloud assembly, or where it stands for another one, that one */
export function noteCodeOrigin(codeDirectory: string, origin: string): void {
  writeFileSync(noteOf(codeDirectory), origin);
}

/** Undefined of code that lies in no folder: inline code, zip files. */
export function codeOrigin(codeDirectory: string): string | undefined {
  const note = noteOf(codeDirectory);
  return existsSync(note) ? readFileSync(note, 'utf8') : undefined;
}

export function forgetCodeOrigin(codeDirectory: string): void {
  rmSync(noteOf(codeDirectory), { force: true });
}

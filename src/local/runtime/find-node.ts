/** Finds the Node.js that runs functions of a runtime such as `nodejs24.x`: the running one, or one of a version manager. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export interface FoundNode {
  readonly executable: string;
  /** Told once in the log: what runs the function is not what it asks for. */
  readonly note?: string;
}

/** Where version managers keep what they installed, by the variable that names their folder, and the program in each. */
const MANAGERS: readonly (readonly [variable: string, versions: readonly string[], program: readonly string[]])[] = [
  ['NVM_DIR', ['versions', 'node'], ['bin', 'node']],
  ['FNM_DIR', ['node-versions'], ['installation', 'bin', 'node']],
  ['VOLTA_HOME', ['tools', 'image', 'node'], ['bin', 'node']],
];

export function findNode(runtime: string, running: string = process.versions.node): FoundNode {
  const [, major] = /^nodejs(\d+)/.exec(runtime) ?? [];
  if (major === undefined || running.startsWith(`${major}.`)) return { executable: process.execPath };
  const [executable] = MANAGERS.flatMap((manager) => installed(manager, major));
  if (executable !== undefined) return { executable };
  const note = `The local target runs ${runtime} on Node.js ${running}; the option 'nodeExecutable' names another one`;
  return { executable: process.execPath, note };
}

/** The newest version of a major one first. */
function installed([variable, versions, program]: (typeof MANAGERS)[number], major: string): string[] {
  const home = process.env[variable];
  const folder = home === undefined ? '' : join(home, ...versions);
  if (folder === '' || !existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.replace(/^v/, '').startsWith(`${major}.`))
    .sort((one, other) => other.localeCompare(one, 'en', { numeric: true }))
    .map((name) => join(folder, name, ...program))
    .filter((file) => existsSync(file));
}

/**
 * The program of an OS-only runtime (`provided.al2023`): where it lies, and whether this machine can execute it.
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html
 */
import { accessSync, closeSync, constants, existsSync, openSync, readSync, statSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { delimiter, join } from 'node:path';
import type { FunctionConfiguration } from '../state';

/** AWS's words where the package holds none, or none that may be executed. */
export const NO_BOOTSTRAP = "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]";

/** In the package of the function, else in a layer: the later wins. */
export function bootstrapOf({
  codeDirectory,
  layerDirectories = [],
}: Pick<FunctionConfiguration, 'codeDirectory' | 'layerDirectories'>): string | undefined {
  const folders = [codeDirectory, ...[...layerDirectories].reverse()];
  return folders.map((folder) => join(folder, 'bootstrap')).find(isExecutable);
}

/** Why this machine cannot execute a file that Lambda could; undefined where it can, as far as its first bytes tell. */
export function executableProblem(file: string): string | undefined {
  const head = firstBytes(file);
  if (head.subarray(0, 2).toString('latin1') === '#!') return interpreterProblem(head.toString('utf8'));
  const program = builtFor(head);
  if (program === undefined) return "is neither a script that begins with '#!' nor a program";
  const machine = `${platform()} on ${arch()}`;
  return program === machine ? undefined : `is a program for ${program}, and this machine is ${machine}`;
}

function isExecutable(file: string): boolean {
  if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) return false;
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Longer than any first line that Linux reads. */
const HEAD_BYTES = 256;

function firstBytes(file: string): Buffer {
  const descriptor = openSync(file, 'r');
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    return head.subarray(0, readSync(descriptor, head, 0, HEAD_BYTES, 0));
  } finally {
    closeSync(descriptor);
  }
}

function interpreterProblem(head: string): string | undefined {
  const [interpreter = '', ...rest] = (head.slice(2).split('\n')[0] ?? '').trim().split(/\s+/);
  const named = interpreter.endsWith('/env')
    ? rest.find((word) => !word.startsWith('-') && !word.includes('='))
    : undefined;
  const wanted = named ?? interpreter;
  if (wanted === '') return "names no interpreter after '#!'";
  const found = wanted.includes('/') ? isExecutable(wanted) : isOnPath(wanted);
  return found ? undefined : `is a script for '${wanted}', which is not installed here`;
}

function isOnPath(name: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)));
}

/** By the number in the header, in the words of `os.arch()`. https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html */
const ELF_MACHINES: Readonly<Record<number, string>> = { 3: 'ia32', 40: 'arm', 62: 'x64', 183: 'arm64' };
/** https://github.com/apple-oss-distributions/xnu/blob/main/osfmk/mach/machine.h */
const MACH_O_MACHINES: Readonly<Record<number, string>> = { 16777223: 'x64', 16777228: 'arm64' };

/** System and machine of a program; undefined where the bytes are none. */
function builtFor(head: Buffer): string | undefined {
  if (head.length < 20) return undefined;
  if (head.readUInt32BE(0) === 0x7f454c46) {
    const machine = head.readUInt16LE(18);
    return `linux on ${ELF_MACHINES[machine] ?? `machine ${machine}`}`;
  }
  if (head.readUInt32LE(0) === 0xfeedfacf) {
    const machine = head.readUInt32LE(4);
    return `darwin on ${MACH_O_MACHINES[machine] ?? `machine ${machine}`}`;
  }
  return undefined;
}

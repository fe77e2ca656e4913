/** The jsii assembly of the constructs as they are now: compiled once per content of the sources, then taken from the cache. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const ROOT = join(__dirname, '..');
/** Below node_modules, where jest does not mistake the copy for a second package of the same name. */
const CACHE = join(ROOT, 'node_modules/.cache/jsii-assembly');

/** The part of the repository behind the jsii surface; the other floors are not visible in it. */
const SOURCES = ['src/index.ts', 'src/constructs', 'src/wire', 'src/base'];
const PROJECT = ['package.json', 'tsconfig.json', 'README.md', 'LICENSE', '.npmignore'];

/** Folder of a compiled package: `.jsii`, `lib` and `package.json`. Throws with jsii's messages where it refuses the sources. */
export function compiledPackage(): string {
  if (isBuilt()) return ROOT;
  const folder = join(CACHE, contentHash());
  if (existsSync(folder)) return folder;
  rmSync(CACHE, { recursive: true, force: true }); // one is enough
  const scratch = mkdtempSync(join(tmpdir(), 'jsii-assembly-'));
  try {
    for (const path of [...SOURCES, ...PROJECT]) cpSync(join(ROOT, path), join(scratch, path), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(scratch, 'node_modules'));
    runJsii(scratch);
    rmSync(join(scratch, 'node_modules'));
    mkdirSync(dirname(folder), { recursive: true });
    cpSync(scratch, folder, { recursive: true });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return folder;
}

/** A build that is younger than all of its sources, and than the folders they could have been deleted from. */
function isBuilt(): boolean {
  const assembly = statSync(join(ROOT, '.jsii'), { throwIfNoEntry: false });
  if (!assembly) return false;
  const folders = [...SOURCES, ...PROJECT].flatMap(filesIn).flatMap((file) => [file, dirname(file)]);
  return folders.every((path) => statSync(join(ROOT, path)).mtimeMs < assembly.mtimeMs || path === '.');
}

function runJsii(cwd: string): void {
  const bin = join(ROOT, 'node_modules/jsii/bin/jsii');
  const env = { ...process.env, JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '20' };
  try {
    execFileSync(process.execPath, [bin, '--silence-warnings=reserved-word'], {
      cwd,
      env,
      encoding: 'utf8',
      stdio: 'pipe',
    });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`jsii refuses the sources:\n${stdout ?? ''}${stderr ?? ''}`, { cause: error });
  }
}

function contentHash(): string {
  const hash = createHash('sha256');
  for (const path of [...SOURCES, ...PROJECT].flatMap(filesIn).sort()) {
    hash
      .update(path)
      .update('\0')
      .update(readFileSync(join(ROOT, path)))
      .update('\0');
  }
  return hash.digest('hex').slice(0, 16);
}

function filesIn(path: string): string[] {
  if (/\.\w+$|^LICENSE$/.test(path)) return [path];
  return readdirSync(join(ROOT, path), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => `${path}/${file}`);
}

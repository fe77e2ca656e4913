/** What the examples need beside the package, installed once, and a Node.js that is new enough for the MCP runner. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeRelease, onLinuxX64 } from '../node-release';

export const EXAMPLES = join(__dirname, '../../examples');
const FLAGS = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];

/** Installs `examples/package-lock.json`, unless that is what is there. */
export function installExamples(): void {
  const [wanted, there] = [join(EXAMPLES, 'package-lock.json'), join(EXAMPLES, 'node_modules/.installed')];
  if (existsSync(there) && readFileSync(there).equals(readFileSync(wanted))) return;
  execFileSync('npm', ['ci', ...FLAGS], { cwd: EXAMPLES, stdio: 'inherit' });
  copyFileSync(wanted, there);
}

/** Node.js 22 or newer; undefined where this one is older and the platform has no package of it. */
export function newerNode(): string | undefined {
  if (Number(process.versions.node.split('.')[0]) >= 22) return process.execPath;
  return onLinuxX64 ? nodeRelease(22) : undefined;
}

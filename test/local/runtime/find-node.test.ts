import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findNode } from '../../../src/local/runtime/find-node';

const VARIABLES = ['NVM_DIR', 'FNM_DIR', 'VOLTA_HOME'];
let home: string;
const before = Object.fromEntries(VARIABLES.map((name) => [name, process.env[name]]));
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'find-node-'));
  for (const name of VARIABLES) process.env[name] = join(home, name);
});
afterEach(() => {
  for (const name of VARIABLES) {
    if (before[name] === undefined) delete process.env[name];
    else process.env[name] = before[name];
  }
  rmSync(home, { recursive: true });
});

function install(...path: string[]): string {
  const file = join(home, ...path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, '');
  return file;
}

test('is the running one where it has the version, or where the runtime is none of Node.js', () => {
  install('NVM_DIR', 'versions', 'node', 'v22.9.0', 'bin', 'node');
  expect(findNode('nodejs22.x', '22.1.0')).toEqual({ executable: process.execPath });
  expect(findNode('python3.13', '22.1.0')).toEqual({ executable: process.execPath });
});

test.each([
  ['nvm', (version: string) => ['NVM_DIR', 'versions', 'node', `v${version}`, 'bin', 'node']],
  ['fnm', (version: string) => ['FNM_DIR', 'node-versions', `v${version}`, 'installation', 'bin', 'node']],
  ['Volta', (version: string) => ['VOLTA_HOME', 'tools', 'image', 'node', version, 'bin', 'node']],
])('is the newest of the version that %s has', (_manager, path) => {
  const [, newest] = ['24.9.0', '24.11.0', '22.12.0'].map((version) => install(...path(version)));
  mkdirSync(join(home, ...path('24.12.0').slice(0, -2)), { recursive: true });
  expect(findNode('nodejs24.x', '20.1.0')).toEqual({ executable: newest });
});

test('is the running one, with a note, where there is none', () => {
  expect(findNode('nodejs24.x', '20.1.0')).toEqual({
    executable: process.execPath,
    note: "The local target runs nodejs24.x on Node.js 20.1.0; the option 'nodeExecutable' names another one",
  });
});

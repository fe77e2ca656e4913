/**
 * The declarations of contract and handler, as a user's compiler sees them: test/types/yields.test-d.ts, on each
 * TypeScript from the oldest that is promised to the newest, strict and not.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(__dirname, '..', '..');
const COMPILERS = ['5.4.5', '5.9.3', '6.0.3', '7.0.2'];
const SCHEMAS = ['zod@4.6.7', 'valibot@1.5.0'];
const ENTRIES = ['contract', 'handler'];

const STRICT = ['--strict'];
const EXACT = ['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess'];
const NO_NULL_CHECKS = ['--strict', '--strictNullChecks', 'false'];
const LOOSE = ['--strict', 'false'];

let project: string;

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'typescript-versions-'));
  const self = join(project, 'node_modules', 'cdk-lambda-streaming');
  writeFileSync(join(project, 'package.json'), '{ "name": "user", "private": true }\n');
  const compilers = COMPILERS.map((version) => `ts-${version}@npm:typescript@${version}`);
  const flags = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
  execFileSync('npm', ['install', ...flags, ...compilers, ...SCHEMAS], { cwd: project });
  mkdirSync(self, { recursive: true });
  const exports = ENTRIES.map((entry) => [`./${entry}`, { types: `./lib/${entry}/index.d.ts` }]);
  const manifest = { name: 'cdk-lambda-streaming', version: '0.0.0', exports: Object.fromEntries(exports) };
  writeFileSync(join(self, 'package.json'), JSON.stringify(manifest));
  const sources = ENTRIES.map((entry) => join('src', entry, 'index.ts'));
  // As the package is built, without types of Node.js or of a browser in reach.
  const emit = ['--declaration', '--emitDeclarationOnly', '--strict', '--target', 'es2022', '--module', 'node16'];
  const out = ['--rootDir', 'src', '--outDir', join(self, 'lib'), '--types', 'node', '--ignoreConfig'];
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), ...emit, ...out, ...sources], {
    cwd: root,
    stdio: 'inherit',
  });
  cpSync(join(root, 'test', 'types', 'yields.test-d.ts'), join(project, 'yields.ts'));
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

describe.each(COMPILERS)('TypeScript %s', (version) => {
  test.each([
    ['strict', STRICT],
    ['strict with exact optional properties', EXACT],
    ['without strictNullChecks', NO_NULL_CHECKS],
    ['not strict at all', LOOSE],
  ])('%s: accepts what is right, and refuses what is wrong where it stands', (_, options) => {
    const modules = ['--module', 'nodenext', '--moduleResolution', 'nodenext', '--target', 'es2022'];
    const libraries = ['--lib', 'es2022,dom,dom.iterable,dom.asynciterable'];
    const compiler = join(project, 'node_modules', `ts-${version}`, 'bin', 'tsc');
    const args = [compiler, '--noEmit', '--skipLibCheck', 'false', ...modules, ...libraries, ...options, 'yields.ts'];
    const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: project, encoding: 'utf8' });
    expect(`${stdout}${stderr}`).toBe('');
  });
});

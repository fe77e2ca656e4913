/**
 * The declarations of contract and handler, as a user's compiler sees them: test/types/yields.test-d.ts, on each
 * TypeScript from the oldest that is promised to the newest, strict and not. Needs a build (`npm run build`).
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(__dirname, '..', '..');
const COMPILERS = ['5.4.5', '5.9.3', '6.0.3', '7.0.2'];
const SCHEMAS = ['zod@4.6.7', 'valibot@1.5.0'];
const ENTRIES = ['contract', 'handler'];

const MODULES = { module: 'nodenext', moduleResolution: 'nodenext', target: 'es2022' };
const LIBRARIES = ['es2022', 'dom', 'dom.iterable', 'dom.asynciterable'];

/** Options of the user's compiler, by what a user would say of them. */
const OPTION_SETS: Readonly<Record<string, Readonly<Record<string, boolean>>>> = {
  strict: { strict: true },
  'strict with exact optional properties': {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
  },
  'without strictNullChecks': { strict: true, strictNullChecks: false },
  'not strict at all': { strict: false },
};

/**
 * Checks the user's file and the declarations of the package, not those of other packages: they are what takes the time.
 * The sets of options share the parsed files. Prints what each set has to complain of, as JSON.
 */
const CHECK = `
const [, , compiler, given] = process.argv;
const ts = require(compiler);
const sources = new Map();
const complaints = Object.entries(JSON.parse(given)).map(([name, compilerOptions]) => {
  const config = { compilerOptions: { ...compilerOptions, noEmit: true }, files: ['yields.ts'] };
  const { options, errors, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, process.cwd());
  const host = ts.createCompilerHost(options);
  const { getSourceFile } = host;
  host.getSourceFile = (file, ...rest) => {
    // What is bound depends on strictness in the user's file alone.
    if (!/node_modules/.test(file)) return getSourceFile(file, ...rest);
    if (!sources.has(file)) sources.set(file, getSourceFile(file, ...rest));
    return sources.get(file);
  };
  const program = ts.createProgram(fileNames, options, host);
  const ours = program.getSourceFiles().filter(({ fileName }) =>
    /[/]yields[.]ts$|[/]cdk-lambda-streaming[/]lib[/]/.test(fileName));
  if (ours.length < 10) throw new Error('checked too little: ' + ours.map(({ fileName }) => fileName));
  const found = [...errors, ...program.getOptionsDiagnostics(), ...program.getGlobalDiagnostics()].concat(
    ours.flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]));
  return [name, ts.formatDiagnostics(found, host)];
});
console.log(JSON.stringify(Object.fromEntries(complaints)));
`;

let project: string;

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'typescript-versions-'));
  const self = join(project, 'node_modules', 'cdk-lambda-streaming');
  writeFileSync(join(project, 'package.json'), '{ "name": "user", "private": true }\n');
  const compilers = COMPILERS.map((version) => `ts-${version}@npm:typescript@${version}`);
  const flags = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
  execFileSync('npm', ['install', ...flags, ...compilers, ...SCHEMAS], { cwd: project });
  mkdirSync(self, { recursive: true });
  const exports = ENTRIES.map((entry) => [`./${entry}`, { types: `./lib/${entry}/index.d.ts` }]);
  const manifest = { name: 'cdk-lambda-streaming', version: '0.0.0', exports: Object.fromEntries(exports) };
  writeFileSync(join(self, 'package.json'), JSON.stringify(manifest));
  // As it is published, without types of Node.js or of a browser in reach.
  if (!existsSync(join(root, 'lib/handler/index.d.ts'))) throw new Error('lib/ is missing: run `npm run build` first');
  cpSync(join(root, 'lib'), join(self, 'lib'), {
    recursive: true,
    filter: (path) => statSync(path).isDirectory() || path.endsWith('.d.ts'),
  });
  cpSync(join(root, 'test', 'types', 'yields.test-d.ts'), join(project, 'yields.ts'));
  writeFileSync(join(project, 'check.cjs'), CHECK);
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

/** What a compiler has to complain of, by the name of the options. */
function complaints(version: string): Record<string, string> {
  const compiler = join(project, 'node_modules', `ts-${version}`);
  const sets = Object.entries(OPTION_SETS).map(([name, options]) => [name, { ...MODULES, lib: LIBRARIES, ...options }]);
  if (existsSync(join(compiler, 'lib', 'typescript.js'))) {
    const args = [join(project, 'check.cjs'), compiler, JSON.stringify(Object.fromEntries(sets))];
    return JSON.parse(execFileSync(process.execPath, args, { cwd: project, encoding: 'utf8' }));
  }
  // The compiler in Go cannot be loaded; it is fast enough to check everything.
  const outputs = sets.map(([name, options]) => {
    const config = {
      compilerOptions: { ...(options as object), noEmit: true, skipLibCheck: false },
      files: ['yields.ts'],
    };
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(config));
    const { stdout, stderr } = spawnSync(process.execPath, [join(compiler, 'bin', 'tsc')], {
      cwd: project,
      encoding: 'utf8',
    });
    return [name, `${stdout}${stderr}`];
  });
  return Object.fromEntries(outputs);
}

describe.each(COMPILERS)('TypeScript %s', (version) => {
  let found: Record<string, string>;
  beforeAll(() => {
    found = complaints(version);
  });

  test.each(Object.keys(OPTION_SETS))(
    '%s: accepts what is right, and refuses what is wrong where it stands',
    (name) => {
      expect(found[name]).toBe('');
    },
  );
});

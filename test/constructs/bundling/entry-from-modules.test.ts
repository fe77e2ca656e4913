/** Where entries are found when the app is written in ES modules, plain or loaded by tsx, in processes of their own. */
import { execFileSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { COMPILED, compiledProject } from './compiled-project';
import { removeProjects } from './project';

afterAll(removeProjects);

const TSX = pathToFileURL(require.resolve('tsx')).href;
const DEFINES = `import { StreamingCode } from '${COMPILED}'; export const entry = () => StreamingCode.fromEntry('chat.ts').entry;`;

const FILES = {
  'lib/stack.mjs': DEFINES,
  'lib/stack.mts': DEFINES,
  'lib/stack.ts': DEFINES,
  'lib/chat.ts': 'export const handler = 1;',
};

/** What the app prints that imports the file which defines the construct. */
function entryFrom(type: string, app: string, stack: string, ...args: string[]): { found: string; wanted: string } {
  const project = compiledProject({
    ...FILES,
    'package.json': JSON.stringify({ name: 'app', type }),
    [app]: `import { entry } from '../lib/${stack}'; console.log(entry());`,
  });
  const found = execFileSync(process.execPath, [...args, project.path(app)], { cwd: '/', encoding: 'utf8' }).trim();
  return { found, wanted: project.path('lib/chat.ts') };
}

test.each([
  ['an ES module', 'module', 'bin/app.mjs', 'stack.mjs'],
  ['TypeScript as an ES module, by tsx', 'module', 'bin/app.ts', 'stack.ts', '--import', TSX],
  ['an .mts file, by tsx', 'commonjs', 'bin/app.mts', 'stack.mts', '--import', TSX],
  ['CommonJS imported by an .mts file, by tsx', 'commonjs', 'bin/app.mts', 'stack.ts', '--import', TSX],
  ['CommonJS required by CommonJS, by tsx', 'commonjs', 'bin/app.ts', 'stack.ts', '--import', TSX],
])('beside the file that defines the construct: %s', (_name, type, app, stack, ...args) => {
  const { found, wanted } = entryFrom(type, app, stack, ...args);
  expect(found).toBe(wanted);
});

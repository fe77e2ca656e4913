import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { noteCodeOrigin } from '../../../src/local/code-origin';
import { type BundleFile, offerMaps } from '../../../src/local/runtime/bundle-maps';
import { SourcePlaces } from '../../../src/local/runtime/source-places';

const before = process.cwd();
let base: string;
let root: string;
let layer: string;
const write = (...files: readonly string[]) => {
  for (const file of files) {
    mkdirSync(dirname(join(base, file)), { recursive: true });
    writeFileSync(join(base, file), file.slice(file.lastIndexOf('/')));
  }
};
beforeEach(() => {
  base = mkdtempSync(join(process.platform === 'darwin' ? '/private/tmp' : tmpdir(), 'places-'));
  root = join(base, 'lambda-code/0/abc');
  layer = join(base, 'lambda-code/0/def');
  for (const folder of ['lambda-code/0/abc', 'project/cdk.out/asset.1'])
    write(`${folder}/index.js`, `${folder}/lib/deep.js`);
  write('project/cdk.out/cdk.out', 'project/app.ts');
  process.chdir(join(base, 'project'));
  noteCodeOrigin(root, join(base, 'project/cdk.out/asset.1'));
});
afterEach(() => {
  process.chdir(before);
  rmSync(base, { recursive: true, force: true });
});

const named = (text: string) => new SourcePlaces([root, layer]).named(text);
const at = (path: string) => join(base, path);

test('a frame of copied code names the file in the project that it was copied from', () => {
  write('project/plain/index.js', 'project/plain/lib/deep.js');
  expect(named(`    at boom (${root}/lib/deep.js:3:9)`)).toBe(`    at boom (${at('project/plain/lib/deep.js')}:3:9)`);
  expect(named(JSON.stringify({ stack: ['Error: x', `    at async file://${root}/index.js:1:2`] }))).toBe(
    JSON.stringify({ stack: ['Error: x', `    at async ${at('project/plain/index.js')}:1:2`] }),
  );
  // The head of a syntax error.
  expect(named(`${root}/index.js:7\n  oops(`)).toBe(`${at('project/plain/index.js')}:7\n  oops(`);
});

test('else its copy in the assembly: where no folder has all files, or several have', () => {
  const inAssembly = `at ${at('project/cdk.out/asset.1/lib/deep.js')}:3:9`;
  expect(named(`at ${root}/lib/deep.js:3:9`)).toBe(inAssembly);
  write('project/plain/lib/deep.js');
  expect(named(`at ${root}/lib/deep.js:3:9`)).toBe(inAssembly);
  write('project/plain/index.js', 'project/other/index.js', 'project/other/lib/deep.js');
  expect(named(`at ${root}/lib/deep.js:3:9`)).toBe(inAssembly);
});

test('what a source map names is sought from where the bundle lies, or would lie in the project', () => {
  expect(named(`at helper (${join(root, '../../app.ts')}:5:9)`)).toBe(`at helper (${at('project/app.ts')}:5:9)`);
  noteCodeOrigin(root, at('elsewhere/asset.1'));
  expect(named(`at helper (${join(root, '../../app.ts')}:5:9)`)).toBe(`at helper (${at('project/app.ts')}:5:9)`);
});

test('layers are copies, too', () => {
  write('lambda-code/0/def/nodejs/l.js', 'project/cdk.out/asset.2/nodejs/l.js');
  noteCodeOrigin(layer, at('project/cdk.out/asset.2'));
  expect(named(`at ${layer}/nodejs/l.js:1:1`)).toBe(`at ${at('project/cdk.out/asset.2/nodejs/l.js')}:1:1`);
});

test('anything else stays: paths without a line, other files, addresses, files that are not there', () => {
  const text = `${root}/index.js ${root}/gone.js:1:1 ${before}/package.json:1 http://127.0.0.1:80/x:1 /nowhere/a.ts:1:1`;
  expect(named(text)).toBe(text);
});

test('a bundle whose map somebody can make is led to its source', () => {
  const asked: BundleFile[] = [];
  const withdraw = offerMaps((bundle) => {
    asked.push(bundle);
    if (bundle.file !== 'index.js') return undefined;
    // Line 1, column 0 is line 2, column 4 of the source.
    return {
      version: 3,
      file: '',
      sources: ['/src/chat.ts'],
      sourcesContent: [],
      names: [],
      mappings: 'AACI',
      sourceRoot: '',
    };
  });
  try {
    const places = new SourcePlaces([root]);
    expect(places.named(`at f (${root}/index.js:1:1)\nat g (${root}/index.js:1:9) at ${root}/lib/deep.js:1:1`)).toBe(
      `at f (/src/chat.ts:2:5)\nat g (/src/chat.ts:2:5) at ${at('project/cdk.out/asset.1/lib/deep.js')}:1:1`,
    );
    expect(asked.map(({ file, code }) => [file, code])).toEqual([
      ['index.js', '/index.js'],
      ['lib/deep.js', '/deep.js'],
    ]);
  } finally {
    withdraw();
  }
});

test('long words take no time', () => {
  const long = '/a'.repeat(1_000_000);
  expect(named(long)).toBe(long);
});

import { closeSync, mkdirSync, mkdtempSync, openSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { changeNote, type SourceWatch, watchSources } from '../../src/cli/watch-sources';

let folder: string;
let sources: SourceWatch;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'watch-'));
  for (const name of ['src/deep', 'node_modules/x', '.git', 'cdk.out'])
    mkdirSync(join(folder, name), { recursive: true });
  for (const name of ['src/a.ts', 'src/deep/b.ts']) write(name, '1');
  sources = watchSources([folder], [join(folder, 'cdk.out')]);
});
afterEach(() => {
  sources.stop();
  rmSync(folder, { recursive: true, force: true });
});

const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
const next = async () => (await sources.next()).map((file) => relative(folder, file)).sort();

test('tells what is saved, wherever it lies', async () => {
  write('src/deep/b.ts', '2');
  expect(await next()).toEqual(['src/deep/b.ts']);
});

test('does not tell what is installed, hidden, written by a build, or saved without a change', async () => {
  for (const name of ['node_modules/x/i.js', '.git/HEAD', 'cdk.out/manifest.json', '.env', 'src/a.ts~'])
    write(name, 'x');
  write('src/a.ts', '1');
  write('src/brief.tmp', 'x');
  rmSync(join(folder, 'src/brief.tmp'));
  write('src/deep/b.ts', 'last');
  expect(await next()).toEqual(['src/deep/b.ts']);
});

test('tells what goes, comes, and lies in a folder that comes', async () => {
  renameSync(join(folder, 'src/a.ts'), join(folder, 'src/c.ts'));
  expect(await next()).toEqual(['src/a.ts', 'src/c.ts']);
  mkdirSync(join(folder, 'new'));
  write('new/d.ts', '1');
  expect(await next()).toEqual(['new/d.ts']);
  write('new/d.ts', '2');
  expect(await next()).toEqual(['new/d.ts']);
});

test('tells what was saved between two questions', async () => {
  write('src/a.ts', '2');
  await next();
  write('src/a.ts', '3');
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(await next()).toEqual(['src/a.ts']);
});

test('patterns say what is a source, as they do for cdk watch; what is followed is one in any case', async () => {
  sources.stop();
  for (const name of ['test/deep', 'generated']) mkdirSync(join(folder, name), { recursive: true });
  for (const name of ['test/t.ts', 'generated/g.ts', 'src/x.js', 'notes.md']) write(name, '1');
  const patterns = { include: ['**/*.ts', '**/*.js'], exclude: ['test', '**/*.js', 'generated/'] };
  sources = watchSources([folder], [join(folder, 'cdk.out')], patterns);
  expect(sources.follow([join(folder, 'generated/g.ts'), join(folder, 'src/x.js')])).toEqual([]);
  for (const name of ['test/t.ts', 'test/deep/d.ts', 'generated/other.ts', 'src/y.js', 'notes.md']) write(name, '2');
  for (const name of ['src/a.ts', 'generated/g.ts', 'src/x.js']) write(name, '2');
  expect(await next()).toEqual(['generated/g.ts', 'src/a.ts', 'src/x.js']);
});

test('does not tell what the process writes itself: its output, sent to a file among the sources', async () => {
  sources.stop();
  const output = openSync(join(folder, 'dev.out'), 'w');
  try {
    sources = watchSources([folder], [join(folder, 'cdk.out')], {}, { descriptors: [output] });
    writeSync(output, 'changed: src/a.ts');
    write('src/a.ts', '2');
    expect(await next()).toEqual(['src/a.ts']);
  } finally {
    closeSync(output);
  }
});

test('ends whoever waits when it is stopped', async () => {
  const waiting = sources.next();
  sources.stop();
  expect(await waiting).toEqual([]);
});

test('follows the folders of files elsewhere: not what is below them, and nothing that is installed or watched anyway', async () => {
  const elsewhere = mkdtempSync(join(tmpdir(), 'elsewhere-'));
  for (const name of ['lib/deep', 'node_modules/x']) mkdirSync(join(elsewhere, name), { recursive: true });
  try {
    for (const name of ['lib/c.ts', 'lib/deep/d.ts', 'node_modules/x/i.js']) writeFileSync(join(elsewhere, name), '1');
    const files = [
      ...['lib/c.ts', 'lib/c2.ts', 'node_modules/x/i.js', 'gone/e.ts'].map((name) => join(elsewhere, name)),
      ...['src/a.ts', '.git/HEAD', 'cdk.out/x/index.js'].map((name) => join(folder, name)),
    ];
    expect(sources.follow(files)).toEqual([join(elsewhere, 'lib')]);
    expect(sources.follow(files)).toEqual([]);
    for (const name of ['node_modules/x/i.js', 'lib/deep/d.ts', 'lib/c.ts']) writeFileSync(join(elsewhere, name), '2');
    expect(await sources.next()).toEqual([join(elsewhere, 'lib/c.ts')]);
    mkdirSync(join(elsewhere, 'lib/new'));
    writeFileSync(join(elsewhere, 'lib/new/f.ts'), '1');
    writeFileSync(join(elsewhere, 'lib/g.ts'), '1');
    expect(await sources.next()).toEqual([join(elsewhere, 'lib/g.ts')]);
  } finally {
    rmSync(elsewhere, { recursive: true, force: true });
  }
});

test('does not tell what another program writes of its output: what has a mark of it, or tells of the last change', async () => {
  sources.stop();
  const copies: string[] = [];
  const onCopy = (file: string) => copies.push(relative(folder, file));
  sources = watchSources([folder], [], {}, { marks: ['token=1234'], onCopy });
  write('tee.txt', 'Look at it: http://127.0.0.1/?token=1234\n');
  write('src/a.ts', '2');
  expect(await next()).toEqual(['src/a.ts']);
  // Before there is a mark, as where the first synth fails.
  write('early.txt', `12:00 ${changeNote([join(folder, 'src/a.ts')])}\n`);
  for (const name of ['tee.txt', 'src/a.ts']) write(name, '3');
  expect(await next()).toEqual(['src/a.ts']);
  for (const name of ['early.txt', 'tee.txt', 'src/a.ts']) write(name, '4');
  expect(await next()).toEqual(['src/a.ts']);
  expect(copies).toEqual(['tee.txt', 'early.txt']);
});

test('does not tell logs, nor what a synth writes elsewhere', async () => {
  mkdirSync(join(folder, 'other.out'));
  for (const name of ['other.out/cdk.out', 'other.out/manifest.json']) write(name, '1');
  sources.stop();
  sources = watchSources([folder], []);
  write('other.out/manifest.json', '2');
  write('server.log', '2');
  write('src/a.ts', '2');
  expect(await next()).toEqual(['src/a.ts']);
});

import * as fs from 'node:fs';
import * as path from 'node:path';
import { trimCache } from '../../../src/constructs/bundling/private/cache-trim';
import { Project, passesSince, removeProjects, settled, synth } from './project';

afterAll(removeProjects);

/** A project whose only bundle is in the cache. */
async function cached(): Promise<{ project: Project; entry: string; hash: string; place: string }> {
  const project = Project.create({ 'src/handler.ts': "export const handler = () => 'cached';" });
  const entry = project.path('src/handler.ts');
  await settled();
  const { hash } = synth(entry);
  const [key = ''] = project.cacheEntries();
  passesSince();
  return { project, entry, hash, place: project.path(`node_modules/.cache/cdk-lambda-streaming/${key}`) };
}

test('a second synth builds nothing and stages the same bundle', async () => {
  const { entry, hash } = await cached();
  const again = synth(entry);
  expect(again.hash).toBe(hash);
  expect(fs.readFileSync(path.join(again.dir, 'index.js'), 'utf8')).toContain('"cached"');
  expect(passesSince()).toBe(0);
});

test('an output folder inside the project, whatever its name, is no part of it', async () => {
  const project = Project.create({ 'handler.ts': 'export const handler = 1;' });
  await settled();
  synth(project.path('handler.ts'), {}, { outdir: project.path('build') });
  passesSince();
  synth(project.path('handler.ts'), {}, { outdir: project.path('build') });
  synth(project.path('handler.ts'), {}, { outdir: project.path('other') });
  expect(passesSince()).toBe(0);
});

test('changed sources, options and runtimes are builds of their own', async () => {
  const { project, entry } = await cached();
  synth(entry, { minify: true });
  synth(entry, { target: 'node20' });
  expect(passesSince()).toBe(2);
  project.write({ 'src/handler.ts': "export const handler = () => 'changed';" });
  expect(fs.readFileSync(path.join(synth(entry).dir, 'index.js'), 'utf8')).toContain('"changed"');
});

test('a bundle of files changed while esbuild may have run is not kept', async () => {
  const project = Project.create({ 'src/handler.ts': 'export const handler = 1;' });
  await settled();
  const soon = new Date(Date.now() + 60_000);
  fs.utimesSync(project.path('src/handler.ts'), soon, soon);
  synth(project.path('src/handler.ts'));
  expect(project.cacheEntries()).toEqual([]);
});

describe('is a miss, and built anew with the same result:', () => {
  test.each<[string, (place: string, hash: string) => void]>([
    ['an entry that is no JSON', (place) => fs.writeFileSync(path.join(place, 'entry.json'), '{')],
    ['an entry of another shape', (place) => fs.writeFileSync(path.join(place, 'entry.json'), '{"hash":1}')],
    ['an empty entry', (place) => fs.writeFileSync(path.join(place, 'entry.json'), '')],
    ['an entry with a hash that leads elsewhere', (place, hash) => rewrite(place, hash, '../../../../elsewhere')],
    ['a bundle with other contents', (place, hash) => fs.writeFileSync(path.join(place, hash, 'index.js'), 'evil')],
    ['a bundle with a file too many', (place, hash) => fs.writeFileSync(path.join(place, hash, 'more.js'), '')],
    ['an empty bundle', (place, hash) => fs.rmSync(path.join(place, hash, 'index.js'))],
    ['a missing bundle', (place, hash) => fs.rmSync(path.join(place, hash), { recursive: true })],
    [
      'a directory in place of the entry',
      (place) => {
        fs.rmSync(path.join(place, 'entry.json'));
        fs.mkdirSync(path.join(place, 'entry.json'));
      },
    ],
  ])('%s', async (_name, damage) => {
    const { entry, hash, place } = await cached();
    damage(place, hash);
    expect(synth(entry).hash).toBe(hash);
    expect(passesSince()).toBe(1);
    // Repaired, unless there was nothing in the way of a second write.
    expect(synth(entry).hash).toBe(hash);
  });

  function rewrite(place: string, from: string, to: string): void {
    const file = path.join(place, 'entry.json');
    fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace(from, to));
  }
});

test('a cache that cannot be written does not fail the synth', async () => {
  const { project, entry, hash } = await cached();
  const dir = project.path('node_modules/.cache');
  fs.rmSync(dir, { recursive: true });
  fs.writeFileSync(dir, 'a file where the directory should be');
  expect(synth(entry).hash).toBe(hash);
});

describe('the cache is switched off', () => {
  test('by the option', async () => {
    const { entry } = await cached();
    synth(entry, { cache: false });
    expect(passesSince()).toBe(1);
  });

  test.each(['0', 'off', 'False'])("by the environment: '%s'", async (value) => {
    const { entry } = await cached();
    process.env['CDK_LAMBDA_STREAMING_CACHE'] = value;
    try {
      synth(entry);
      expect(passesSince()).toBe(1);
    } finally {
      delete process.env['CDK_LAMBDA_STREAMING_CACHE'];
    }
  });
});

test('the environment moves the cache to another directory', async () => {
  const { project, entry } = await cached();
  process.env['CDK_LAMBDA_STREAMING_CACHE'] = project.path('elsewhere');
  try {
    synth(entry);
    expect(fs.readdirSync(project.path('elsewhere')).length).toBeGreaterThan(0);
  } finally {
    delete process.env['CDK_LAMBDA_STREAMING_CACHE'];
  }
});

test('no more than the bounds is kept, the most recently used', () => {
  const project = Project.create({});
  for (const [index, name] of ['old', 'older', 'new', 'newest'].entries()) {
    project.write({ [`cache/${name}/entry.json`]: 'x'.repeat(100) });
    const time = new Date(2020, 0, [2, 1, 3, 4][index]);
    for (const place of [`cache/${name}/entry.json`, `cache/${name}`]) fs.utimesSync(project.path(place), time, time);
  }
  const kept = () => fs.readdirSync(project.path('cache')).filter((name) => name !== 'trimmed');
  const now = Date.now();
  trimCache(project.path('cache'), { maxEntries: 3, maxBytes: 1_000 }, now);
  expect(kept()).toEqual(['new', 'newest', 'old']);
  trimCache(project.path('cache'), { maxEntries: 3, maxBytes: 250 }, now + 1_000);
  expect(kept()).toEqual(['new', 'newest', 'old']);
  trimCache(project.path('cache'), { maxEntries: 3, maxBytes: 250 }, now + 3_700_000);
  expect(kept()).toEqual(['new', 'newest']);
});

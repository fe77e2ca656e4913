import * as fs from 'node:fs';
import type * as os from 'node:os';
import * as path from 'node:path';
import type { BuildSettings } from '../../../../src/constructs/bundling/build/build-settings';
import { cacheKey } from '../../../../src/constructs/bundling/cache/bundle-store';
import { Project, passesSince, removeProjects, settled, synth } from '../project';

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

test.each([
  // biome-ignore lint/suspicious/noTemplateCurlyInString: source text
  ['files in a folder', 'import(`./prompts/${name}.md`)'],
  ['modules in any depth', "require('./prompts/' + name + '.js')"],
])('a bundle that imports %s by a pattern is not kept: new ones may come anywhere', async (_name, imported) => {
  const project = Project.create({
    'src/handler.ts': `export const handler = (name: string) => ${imported};`,
    'src/prompts/a.md': 'prompt',
    'src/prompts/a.js': '',
    'src/prompts/deep/er/none.json': '{}',
  });
  await settled();
  const build = () => synth(project.path('src/handler.ts'), { loader: { '.md': 'text' } }).hash;
  const before = build();
  expect(project.cacheEntries()).toEqual([]);
  project.write({ 'src/prompts/deep/er/new.md': 'new', 'src/prompts/deep/er/new.js': '' });
  expect(build()).not.toBe(before);
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

describe('a file edited in an assembly', () => {
  const bundleOf = (dir: string) => fs.readFileSync(path.join(dir, 'index.js'), 'utf8');
  const edited = (dir: string) => fs.appendFileSync(path.join(dir, 'index.js'), '// edited');

  test('that built it does not get into the next one', async () => {
    const project = Project.create({ 'src/handler.ts': 'export const handler = 1;' });
    await settled();
    const first = synth(project.path('src/handler.ts'));
    const built = bundleOf(first.dir);
    edited(first.dir);
    expect(bundleOf(synth(project.path('src/handler.ts')).dir)).toBe(built);
  });

  test('that took it from the cache does not get into others', async () => {
    const { entry } = await cached();
    const [one, other] = [synth(entry), synth(entry)];
    edited(one.dir);
    expect(bundleOf(other.dir)).not.toContain('edited');
    expect(bundleOf(synth(entry).dir)).not.toContain('edited');
    expect(passesSince()).toBe(0);
  });
});

test('a cache on another disk, where a file cannot have a second name, gets copies', async () => {
  jest.spyOn(jest.requireActual<typeof fs>('node:fs'), 'linkSync').mockImplementation(() => {
    throw Object.assign(new Error('EXDEV: cross-device link not permitted'), { code: 'EXDEV' });
  });
  const { entry, hash } = await cached();
  jest.restoreAllMocks();
  expect(synth(entry).hash).toBe(hash);
  expect(passesSince()).toBe(0);
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

describe('the place of the cache', () => {
  afterEach(() => {
    delete process.env['CDK_LAMBDA_STREAMING_CACHE'];
    jest.restoreAllMocks();
  });

  test('is a folder of its own in the directory the environment names', async () => {
    const { project, entry } = await cached();
    process.env['CDK_LAMBDA_STREAMING_CACHE'] = project.path('elsewhere');
    synth(entry);
    expect(fs.readdirSync(project.path('elsewhere'))).toEqual(['cdk-lambda-streaming']);
    expect(fs.readdirSync(project.path('elsewhere/cdk-lambda-streaming'))).toContain('trimmed');
  });

  test.each(['', '1', 'true', 'On'])("is the usual one when the environment says '%s'", async (value) => {
    const { entry } = await cached();
    process.env['CDK_LAMBDA_STREAMING_CACHE'] = value;
    synth(entry);
    expect(passesSince()).toBe(0);
  });

  test('is shared by all projects without node_modules, each with entries of its own', async () => {
    const project = Project.create({});
    for (const name of ['one', 'other']) {
      const files = { 'package.json': '{}', 'yarn.lock': '', 'handler.ts': `export const handler = '${name}';` };
      for (const [file, text] of Object.entries(files)) project.write({ [`${name}/${file}`]: text });
    }
    jest.spyOn(jest.requireActual<typeof os>('node:os'), 'homedir').mockReturnValue(project.path('home'));
    await settled();
    const both = () => ['one', 'other'].map((name) => synth(project.path(`${name}/handler.ts`)).hash);
    const hashes = both();
    const entries = fs.readdirSync(project.path('home/.cdk/cache/cdk-lambda-streaming'));
    expect(entries.filter((name) => name !== 'trimmed')).toHaveLength(2);
    passesSince();
    expect(both()).toEqual(hashes);
    expect(passesSince()).toBe(0);
  });

  test('is nowhere for a user without a home', async () => {
    const project = Project.create({ 'sub/yarn.lock': '', 'sub/handler.ts': 'export const handler = 1;' });
    const noHome = () => {
      throw new Error('uv_os_homedir returned ENOENT');
    };
    jest.spyOn(jest.requireActual<typeof os>('node:os'), 'homedir').mockImplementation(noHome);
    expect(synth(project.path('sub/handler.ts')).hash).toMatch(/^[0-9a-f]{64}$/);
  });
});

test('another build of the esbuild the environment names is another build of the bundle', async () => {
  const { project } = await cached();
  const binary = project.path('own-esbuild');
  const settings = {
    project: { root: project.root },
    entry: project.path('src/handler.ts'),
    key: 'options',
  } as BuildSettings;
  const keyOf = (text: string) => {
    fs.writeFileSync(binary, text);
    return cacheKey(settings, '');
  };
  process.env['ESBUILD_BINARY_PATH'] = binary;
  try {
    expect(keyOf('one')).not.toBe(keyOf('another'));
  } finally {
    delete process.env['ESBUILD_BINARY_PATH'];
  }
});

test('the esbuild nearest to the entry is part of the key, whichever entry came first', () => {
  const project = Project.create({
    'packages/one/node_modules/esbuild/package.json': '{ "name": "esbuild" }',
    'packages/one/node_modules/esbuild/index.js': "exports.version = '0.99.1';",
    'packages/two/node_modules/esbuild/package.json': '{ "name": "esbuild" }',
    'packages/two/node_modules/esbuild/index.js': "exports.version = '0.99.2';",
  });
  const [one, two] = ['one', 'two'].map((name) => {
    const entry = project.path(`packages/${name}/handler.ts`);
    return cacheKey({ project: { root: project.root }, entry, key: 'options' } as BuildSettings, '');
  });
  expect(one).not.toBe(two);
});

import * as path from 'node:path';
import { inputMapPlaces } from '../../../../src/constructs/bundling/cache/input-map';
import { Project, removeProjects, settled, synth } from '../project';

afterAll(removeProjects);

const MAPPED = 'export const mapped = 1;\n//# sourceMappingURL=maps/mapped.js.map\n';

/** What counts for a file with this map, relative to the map. */
function placesFor(map: unknown): string[] {
  const project = Project.create({ 'mapped.js': MAPPED, 'maps/mapped.js.map': JSON.stringify(map) });
  const files = inputMapPlaces(project.path('mapped.js')).map(([, file]) => path.relative(project.path('maps'), file));
  return [...new Set(files)];
}

test.each<[string, unknown, string[]]>([
  ['no original whose text is in the map', { sources: ['a.ts', 'b.ts'], sourcesContent: ['text', null] }, ['b.ts']],
  ['originals below the root of sources', { sources: ['a.ts'], sourceRoot: '../src' }, ['a.ts', '../src/a.ts']],
  ['originals in sections', { sections: [{ map: { sources: ['a.ts'] } }] }, ['a.ts']],
  ['escaped names', { sources: ['with%20space%2Fa.ts'] }, ['with space/a.ts']],
  ['nothing that is made up', { sources: ['a\0b', 'webpack:///a.ts', 'node:fs', 5, null] }, []],
  ['nothing of what is no map', 'text', []],
])('counts the map and %s', (_name, map, originals) => {
  expect(placesFor(map)).toEqual(['mapped.js.map', ...originals]);
});

test.each<[string, string]>([
  ['is as it is', 'data:application/json,{"sources":["100%","a.ts"]}'],
  ['has escapes', 'data:application/json,%7B%22sources%22%3A%5B%22100%25%22%2C%22a.ts%22%5D%7D'],
  ['is base64', `data:application/json;base64,${Buffer.from('{"sources":["100%","a.ts"]}').toString('base64')}`],
])('counts the originals of a map in the file that %s, a name with a stray percent sign among them', (_name, url) => {
  const project = Project.create({ 'mapped.js': `export {};\n//# sourceMappingURL=${url}\n` });
  const files = inputMapPlaces(project.path('mapped.js')).map(([, file]) => path.relative(project.path('.'), file));
  expect([...new Set(files)]).toEqual(['100%', 'a.ts']);
});

test('names that no file can have are no reason to fail', async () => {
  const long = 'x'.repeat(5_000);
  const project = Project.create({
    'tsconfig.json': '{ "compilerOptions": { "baseUrl": "." } }',
    'handler.js': `import './mapped.js'; import 'data:text/javascript,"${long}"'; export const handler = 1;`,
    'mapped.js': MAPPED,
    'maps/mapped.js.map': JSON.stringify({ version: 3, sources: [long, '\0virtual'], mappings: 'AAAA', names: [] }),
  });
  await settled();
  expect(synth(project.path('handler.js'), { sourceMap: true }).hash).toMatch(/^[0-9a-f]{64}$/);
  expect(project.cacheEntries()).toHaveLength(1);
});

import { mapTargets, splitPackage } from '../../../../src/constructs/bundling/files/package-map';

test.each<[string, unknown, string, string[]]>([
  ['a text', './main.js', '.', ['./main.js']],
  ['conditions', { import: './a.mjs', node: { default: './b.js' } }, '.', ['./a.mjs', './b.js']],
  ['a subpath', { '.': './main.js', './sub': { default: './s.js' } }, './sub', ['./s.js']],
  ['a subpath that is not exported', { '.': './main.js' }, './sub', []],
  ['no subpath of a text', './main.js', './sub', []],
  ['a pattern, with several stars', { './*.json': './c/*/*.json' }, './x/y.json', ['./c/x/y/x/y.json']],
  ['a pattern, with signs of replacement', { './*': './c/*' }, './$&', ['./c/$&']],
  ['a folder, as it was once written', { './lib/': './dist/' }, './lib/a.js', ['./dist/a.js']],
  ['one after another', { './a': [null, './1.js', { default: './2.js' }] }, './a', ['./1.js', './2.js']],
  ['every pattern that fits', { './*': './x/*', './a/*': null, './a*': './y*' }, './a/b', ['./x/a/b', './y/b']],
  ['names of imports', { '#dep/*': 'dep/*' }, '#dep/sub', ['dep/sub']],
  ['nothing', undefined, '.', []],
])('gives the targets of %s', (_name, map, subpath, targets) => {
  expect(mapTargets(map, subpath)).toEqual(targets);
});

test.each([
  ['dep', 'dep', '.'],
  ['dep/a/b', 'dep', './a/b'],
  ['@scope/dep', '@scope/dep', '.'],
  ['@scope/dep/a', '@scope/dep', './a'],
])('takes %s apart', (specifier, name, subpath) => {
  expect(splitPackage(specifier)).toEqual({ name, subpath });
});

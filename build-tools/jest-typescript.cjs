// TypeScript for jest: esbuild takes the types away, file by file; what checks them is `npm run typecheck`.
// The result depends on nothing but the file and what is below, so all configurations of jest (this one, that of
// test-slow, those of compat) share one cache, where ts-jest would compile everything again for each.
const { createHash } = require('node:crypto');
const { readFileSync } = require('node:fs');

const options = {
  format: 'cjs',
  target: 'es2022',
  sourcemap: 'external',
  // Jest has no native import() in the context of a test.
  supported: { 'dynamic-import': false },
  tsconfigRaw: { compilerOptions: { experimentalDecorators: true, useDefineForClassFields: true } },
};

const { version } = require('esbuild/package.json');
const maker = `${version} ${readFileSync(__filename, 'utf8')}`;

module.exports = {
  process(text, file) {
    // It would have to run before the imports, and nothing moves it there.
    if (text.includes('jest.mock' + '('))
      throw new Error(`${file}: jest.mock() is not hoisted here, use jest.doMock()`);
    // Loaded late: with a warm cache it is not needed.
    const { code, map } = require('esbuild').transformSync(text, { ...options, loader: 'ts', sourcefile: file });
    return { code, map };
  },
  getCacheKey: (text, file) => createHash('sha256').update([maker, file, text].join('\0')).digest('hex'),
};

import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { buildSync } from 'esbuild';

const root = join(__dirname, '../..');

/** What a handler's bundle holds of us, as a function's bundler makes it: minified, and compressed as in Lambda's archive. */
function bundle(name: string) {
  const result = buildSync({
    stdin: { contents: `export { ${name} } from './src/web'`, resolveDir: root, loader: 'ts' },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    metafile: true,
    write: false,
  });
  const text = result.outputFiles[0]?.text ?? '';
  const [output] = Object.values(result.metafile.outputs);
  return {
    minified: text.length,
    gzip: gzipSync(text, { level: 9 }).length,
    imports: output?.imports.map(({ path, kind }) => `${kind} ${path}`) ?? [],
  };
}

test.each([
  ['webHandler', 9_150, 4_450, []],
  ['nodeHandler', 12_050, 5_600, ['require-call node:http', 'require-call node:stream']],
] as const)('%s stays small, and imports at load nothing', (name, minified, gzip, imports) => {
  const size = bundle(name);
  process.stdout.write(`${name}: ${size.minified} bytes minified, ${size.gzip} compressed\n`);
  expect(size.imports).toEqual(imports);
  expect(size.minified).toBeLessThanOrEqual(minified);
  expect(size.gzip).toBeLessThanOrEqual(gzip);
});

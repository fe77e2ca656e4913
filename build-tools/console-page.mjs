// Builds the console's page: one file that holds its script, its style and the licences of what is inside.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { buildSync } from 'esbuild';
import { licencesOf } from './cli-bundle.cjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const sources = join(root, 'console');

/** People open it on slow days, too. */
const MAX_GZIP_BYTES = 150_000;

/** Contents by path below `assets`. */
export function consolePage() {
  const { metafile, outputFiles } = buildSync({
    entryPoints: [join(sources, 'main.tsx')],
    absWorkingDir: root,
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    charset: 'utf8',
    legalComments: 'none',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  const style = buildSync({ entryPoints: [join(sources, 'style.css')], write: false, minify: true, charset: 'utf8' });
  const [script] = outputFiles;
  const html = readFileSync(join(sources, 'index.html'), 'utf8')
    .replace('<!-- style -->', () => `<style>${style.outputFiles[0].text.trim()}</style>`)
    .replace('<!-- script -->', () => `<script type="module">${script.text.trim()}</script>`);
  if (!html.includes('<style>') || !html.includes('<script'))
    throw new Error('index.html has no place for style or script');
  const size = gzipSync(html).length;
  if (size > MAX_GZIP_BYTES) throw new Error(`the console is ${size} bytes gzipped, more than ${MAX_GZIP_BYTES}`);
  return new Map([
    ['console/index.html', Buffer.from(html)],
    ['console/THIRD-PARTY-LICENSES', Buffer.from(licencesOf('The console', Object.keys(metafile.inputs)))],
  ]);
}

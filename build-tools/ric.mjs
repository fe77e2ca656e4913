// Copies AWS's runtime interface client into assets/ric with its licence: the Node.js runtime of the local target.
// Only index.mjs is needed; our JS stand-in takes the place of its native client, so nothing is compiled.
// Builds the program that plays the web adapter into assets/web-adapter, and copies the client of Python functions.
// What is current already is not touched: another task may be reading it.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const require = createRequire(import.meta.url);
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const source = dirname(require.resolve('aws-lambda-ric/package.json'));
const target = join(root, 'assets');

/** Contents by path below `target`. */
const files = new Map();
for (const file of ['index.mjs', 'LICENSE', 'NOTICE', 'THIRD-PARTY-LICENSES']) {
  files.set(join('ric', file), readFileSync(join(source, file)));
}
const { name, version, license } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'));
files.set('ric/package.json', Buffer.from(`${JSON.stringify({ name, version, license, type: 'module' }, null, 2)}\n`));

// index.mjs loads './rapid-client.node' with require: a directory of that name is resolved like a package.
files.set('ric/rapid-client.node/index.js', bundled('rapid-client', 'cjs'));
files.set('ric/rapid-client.node/package.json', Buffer.from('{ "type": "commonjs" }\n'));
files.set('python/client.py', readFileSync(join(root, 'src/local/runtime/python-client.py')));
files.set('web-adapter/index.mjs', bundled('web-adapter-program', 'esm', 'await started;'));

if (!isCurrent()) {
  rmSync(target, { recursive: true, force: true });
  for (const [file, content] of files) {
    mkdirSync(dirname(join(target, file)), { recursive: true });
    writeFileSync(join(target, file), content);
  }
}

function bundled(name, format, footer = '') {
  const { outputFiles } = buildSync({
    entryPoints: [join(root, 'src/local/runtime', `${name}.ts`)],
    write: false,
    bundle: true,
    platform: 'node',
    format,
    target: 'node20',
    footer: { js: footer },
  });
  return Buffer.from(outputFiles[0].contents);
}

function isCurrent() {
  if (!existsSync(target)) return false;
  const there = readdirSync(target, { recursive: true }).filter((file) => statSync(join(target, file)).isFile());
  return (
    there.length === files.size && there.every((file) => files.get(file)?.equals(readFileSync(join(target, file))))
  );
}

// Copies AWS's runtime interface client into assets/ric with its licence: the Node.js runtime of the local target.
// Only index.mjs is needed; our JS stand-in takes the place of its native client, so nothing is compiled.
// Builds the program that plays the web adapter into assets/web-adapter, copies the client of Python functions, and builds
// the console's page into assets/console. Puts the package that reads YAML into one file, with its licence.
// What is current already is not touched: another task may be reading it.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { consolePage } from './console-page.mjs';

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
files.set('ric/with-callbacks.mjs', Buffer.from(withCallbacks(readFileSync(join(source, 'index.mjs'), 'utf8'))));
files.set('ric/callback-handler.mjs', bundled('callback-handler', 'esm'));
files.set('web-adapter/index.mjs', bundled('web-adapter-program', 'esm', 'await started;'));
for (const [file, content] of consolePage()) files.set(file, content);
const yaml = dirname(require.resolve('yaml/package.json'));
files.set('yaml/index.js', bundledFrom(join(yaml, 'dist/index.js'), { format: 'cjs', minify: true }));
files.set('yaml/package.json', Buffer.from('{ "type": "commonjs" }\n'));
files.set('yaml/LICENSE', readFileSync(join(yaml, 'LICENSE')));

if (!isCurrent()) {
  rmSync(target, { recursive: true, force: true });
  for (const [file, content] of files) {
    mkdirSync(dirname(join(target, file)), { recursive: true });
    writeFileSync(join(target, file), content);
  }
}

// AWS's runtimes up to nodejs22.x call handlers with a callback, and this version of the client does not.
function withCallbacks(client) {
  const changed = [
    ['    errorOnDeprecatedCallback(handlerMetadata);\n', ''],
    ['await this.handler(event, context)', 'await callHandler(this.handler, event, context)'],
  ].reduce((text, [from, to]) => {
    if (text.split(from).length !== 2) throw new Error(`aws-lambda-ric ${version} has not one '${from.trim()}'`);
    return text.replace(from, () => to);
  }, client);
  const notice =
    '// Changed by cdk-lambda-streaming: handlers are called by callHandler, which gives them a callback.\n';
  const [shebang, ...rest] = changed.split('\n');
  return `${shebang}\n${notice}import { callHandler } from './callback-handler.mjs';\n${rest.join('\n')}`;
}

function bundled(name, format, footer = '') {
  return bundledFrom(join(root, 'src/local/runtime', `${name}.ts`), { format, footer: { js: footer } });
}

function bundledFrom(entry, options) {
  const { outputFiles } = buildSync({
    entryPoints: [entry],
    write: false,
    bundle: true,
    platform: 'node',
    target: 'node20',
    ...options,
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

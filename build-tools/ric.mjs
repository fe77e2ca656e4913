// Copies AWS's runtime interface client into assets/ric with its licence: the Node.js runtime of the local target.
// Only index.mjs is needed; our JS stand-in takes the place of its native client, so nothing is compiled.
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const require = createRequire(import.meta.url);
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const source = dirname(require.resolve('aws-lambda-ric/package.json'));
const target = join(root, 'assets', 'ric');
const client = join(target, 'rapid-client.node');

rmSync(target, { recursive: true, force: true });
mkdirSync(client, { recursive: true });
for (const file of ['index.mjs', 'LICENSE', 'NOTICE', 'THIRD-PARTY-LICENSES']) {
  copyFileSync(join(source, file), join(target, file));
}
const { name, version, license } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'));
writeFileSync(join(target, 'package.json'), `${JSON.stringify({ name, version, license, type: 'module' }, null, 2)}\n`);

// index.mjs loads './rapid-client.node' with require: a directory of that name is resolved like a package.
buildSync({
  entryPoints: [join(root, 'src/local/runtime/rapid-client.ts')],
  outfile: join(client, 'index.js'),
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
});
writeFileSync(join(client, 'package.json'), '{ "type": "commonjs" }\n');

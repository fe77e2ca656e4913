// Packs dist/js/*.tgz from a copy of package.json that carries the optional peers' ranges: jsii refuses them at build time.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const out = join(root, 'dist', 'js');
const file = join(root, 'package.json');
const original = readFileSync(file);

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const manifest = JSON.parse(original);
manifest.peerDependencies = { ...manifest.peerDependencies, ...manifest.optionalPeerRanges };
delete manifest.optionalPeerRanges;
delete manifest.devDependencies;
delete manifest.scripts;
delete manifest.jest;
// npm packs a folder, so the manifest is swapped for the length of the call and put back whatever happens.
const backup = join(root, '.package.json.orig');
copyFileSync(file, backup);
try {
  writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
  const name = execFileSync('npm', ['pack', '--pack-destination', out, '--silent'], { cwd: root, encoding: 'utf8' });
  console.log(join('dist', 'js', name.trim()));
} finally {
  writeFileSync(file, original);
  rmSync(backup, { force: true });
}

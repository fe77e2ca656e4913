// Stages in dist/package what is published, and packs it as dist/js/*.tgz.
// The manifest differs from the repository's, since jsii refuses peers that are not jsii modules, and only what
// `published.mjs` lists is taken along. So nothing is packed from the repository itself: its .npmignore leaves everything out.
// `--for-jsii` stages what jsii-pacmak takes for other languages, and packs nothing: it loads every peer as a jsii module.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, stage } from './published.mjs';

const folder = join(root, 'dist', 'package');
const out = join(root, 'dist', 'js');
const forJsii = process.argv.includes('--for-jsii');

/** Every peer is optional: a program that only calls must not install all of the CDK, nor a function the SDK. */
function publishedManifest() {
  const { optionalPeerRanges, devDependencies, overrides, scripts, jest, ...manifest } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  );
  delete manifest['//'];
  const peerDependencies = sorted({ ...manifest.peerDependencies, ...(forJsii ? {} : optionalPeerRanges) });
  const peerDependenciesMeta = Object.fromEntries(
    Object.keys(peerDependencies).map((name) => [name, { optional: true }]),
  );
  return { ...manifest, peerDependencies, peerDependenciesMeta };
}

function sorted(record) {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

rmSync(folder, { recursive: true, force: true });
stage(folder);
writeFileSync(join(folder, 'package.json'), `${JSON.stringify(publishedManifest(), null, 2)}\n`);
if (!forJsii) {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const name = execFileSync('npm', ['pack', '--pack-destination', out, '--silent'], { cwd: folder, encoding: 'utf8' });
  console.log(join('dist', 'js', name.trim()));
}

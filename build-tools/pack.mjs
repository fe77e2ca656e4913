// Stages in dist/package what is published, and packs it as dist/js/*.tgz.
// The manifest differs from the repository's, since jsii refuses peers that are not jsii modules, and only what is listed
// here is taken along. So nothing is packed from the repository itself: its .npmignore leaves everything out.
// `--for-jsii` stages what jsii-pacmak takes for other languages, and packs nothing: it loads every peer as a jsii module.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stage = join(root, 'dist', 'package');
const out = join(root, 'dist', 'js');
const forJsii = process.argv.includes('--for-jsii');

/** `rosetta` has what the examples stand on, for those who translate them. */
const CONTENTS = ['.jsii', 'LICENSE', 'README.md', 'assets', 'docs', 'lib', 'rosetta'];
/** Decisions are for those who change the code. */
const LEFT_OUT = [join('docs', 'decisions')];
const LARGEST_DOCUMENT_BYTES = 150_000;

function isPublished(file) {
  const path = relative(root, file);
  if (LEFT_OUT.includes(path)) return false;
  return !path.startsWith('docs') || statSync(file).isDirectory() || statSync(file).size <= LARGEST_DOCUMENT_BYTES;
}

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

rmSync(stage, { recursive: true, force: true });
for (const name of CONTENTS) cpSync(join(root, name), join(stage, name), { recursive: true, filter: isPublished });
writeFileSync(join(stage, 'package.json'), `${JSON.stringify(publishedManifest(), null, 2)}\n`);
if (!forJsii) {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const name = execFileSync('npm', ['pack', '--pack-destination', out, '--silent'], { cwd: stage, encoding: 'utf8' });
  console.log(join('dist', 'js', name.trim()));
}

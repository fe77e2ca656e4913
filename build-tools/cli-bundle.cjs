// Bundles the command line: one file for the start, and one for each command, which is loaded when it is asked for.
// The packages inside are listed with their licences in THIRD-PARTY-LICENSES.
const { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { basename, dirname, join, relative, resolve, sep } = require('node:path');
const { build } = require('esbuild');

const root = join(__dirname, '..');
const src = join(root, 'src');
const cli = join(src, 'cli');
const commands = join(cli, 'commands');

/** Licences that may be passed on with no more than their text. */
const PERMISSIVE = ['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', '0BSD'];

/** Commands stay files of their own; other floors are beside the command line in `lib`, unless they are to be inside. */
const asParts = (floorsInside) => ({
  name: 'as-parts',
  setup({ onResolve }) {
    onResolve({ filter: /^\./ }, ({ path, kind, importer, resolveDir }) => {
      const target = resolve(resolveDir, path);
      if (!importer.startsWith(src + sep)) return undefined;
      if (kind === 'dynamic-import' && dirname(target) === commands) {
        return { path: `./commands/${basename(target)}`, external: true };
      }
      return floorsInside || target.startsWith(cli + sep) ? undefined : { path: target, external: true };
    });
  },
});

/**
 * Writes the command line to `folder`, which stands for `lib/cli`.
 * @param floorsInside whether other floors are bundled, for a place where the library is not compiled
 */
async function bundleCli(folder, floorsInside = false) {
  rmSync(folder, { recursive: true, force: true });
  const { metafile, outputFiles } = await build({
    entryPoints: [join(cli, 'main.ts'), ...readdirSync(commands).map((file) => join(commands, file))],
    outdir: folder,
    outbase: cli,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    // As require(): before it imports a CommonJS file, Node.js reads it for the names it exports, 0.2 s for a large one.
    supported: { 'dynamic-import': false },
    metafile: true,
    write: false,
    absWorkingDir: root,
    // Loaded from the user's project, where it is needed.
    external: ['@aws-sdk/*', 'esbuild'],
    plugins: [asParts(floorsInside)],
    logLevel: 'warning',
  });
  for (const { path, text } of outputFiles) {
    mkdirSync(dirname(path), { recursive: true });
    const library = relative(dirname(path), dirname(folder)).split(sep).join('/');
    // What esbuild leaves outside is written as it was resolved: from the sources to the library.
    writeFileSync(path, text.replaceAll(`require("${src}/`, `require("${library}/`));
  }
  writeFileSync(join(folder, 'THIRD-PARTY-LICENSES'), licencesOf('The command line', Object.keys(metafile.inputs)));
}

/** The licences of the packages that `inputs` are of. @param what contains them */
function licencesOf(what, inputs) {
  const names = inputs.map((file) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1]).filter(Boolean);
  const notices = [...new Set(names)].sort().map((name) => {
    const folder = join(root, 'node_modules', name);
    const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    if (!PERMISSIVE.includes(license)) throw new Error(`${name} is bundled, but its licence is ${license}`);
    const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
    if (file === undefined) throw new Error(`${name} is bundled, but has no licence file`);
    return `${name} ${version} (${license})\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`;
  });
  return `${what} contains these packages.\n\n${notices.join(`\n${'-'.repeat(80)}\n\n`)}`;
}

module.exports = { bundleCli, licencesOf };

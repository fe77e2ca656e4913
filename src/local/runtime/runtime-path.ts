/** Finds AWS's runtime interface client, and what else a function's process runs, inside this package, whether it runs from sources, compiled or bundled. */
import { existsSync, readFileSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { dirname, join } from 'node:path';

const PACKAGE_NAME = 'cdk-lambda-streaming';

/** The folders of `assets/`, and the program or page in each. */
const ENTRIES = {
  console: 'index.html',
  python: 'client.py',
  ric: 'index.mjs',
  'web-adapter': 'index.mjs',
  yaml: 'index.js',
} as const;

/** Path of a folder of `assets/`. */
export function assetFolder(name: keyof typeof ENTRIES): string {
  const root = packageRoot();
  const entry = ENTRIES[name];
  if (root === undefined) {
    throw new Error(
      `The local target cannot find the package ${PACKAGE_NAME}, whose file assets/${name}/${entry} it needs: it lies neither ` +
        `above this code nor in ${join(process.cwd(), 'node_modules')}. Leave the package out of the bundle (external) and install it.`,
    );
  }
  const folder = join(root, 'assets', name);
  if (!existsSync(join(folder, entry))) {
    throw new Error(
      `A part of the local target is missing: ${join(folder, entry)} does not exist. ` +
        'In a checkout run `node build-tools/ric.mjs`; an installed package contains it.',
    );
  }
  return folder;
}

/**
 * The folder of the package above this file, whose own folder is `import.meta.dirname` in the ESM half, as
 * `build-tools/esm.mjs` writes it. From a bundle, which lies elsewhere, the one in the project of the working directory.
 */
function packageRoot(): string | undefined {
  const above = typeof __dirname === 'string' ? searchUpwards(__dirname) : undefined;
  if (above !== undefined) return above;
  try {
    return dirname(
      nodeModule.createRequire(join(process.cwd(), 'package.json')).resolve(`${PACKAGE_NAME}/package.json`),
    );
  } catch {
    return undefined; // not installed there
  }
}

function searchUpwards(start: string): string | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    if (isPackageRoot(folder)) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}

function isPackageRoot(folder: string): boolean {
  const manifest = join(folder, 'package.json');
  return existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).name === PACKAGE_NAME;
}

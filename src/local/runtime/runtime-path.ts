/** Finds AWS's runtime interface client inside this package, whether it runs from sources, compiled or bundled. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const PACKAGE_NAME = 'cdk-lambda-streaming';

/** Path of the program a child process runs. */
export function runtimeProgram(): string {
  const program = join(packageRoot(), 'assets', 'ric', 'index.mjs');
  if (!existsSync(program)) {
    throw new Error(
      `The Node.js runtime of the local target is missing: ${program} does not exist. ` +
        'In a checkout run `node build-tools/ric.mjs`; an installed package contains it.',
    );
  }
  return program;
}

/** Above this file; from a bundle, which has no `__dirname` or lies elsewhere, as the package that bears the name. */
function packageRoot(): string {
  const above = typeof __dirname === 'string' ? searchUpwards(__dirname) : undefined;
  return above ?? dirname(require.resolve(`${PACKAGE_NAME}/package.json`));
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

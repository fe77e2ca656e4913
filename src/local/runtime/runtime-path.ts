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

function packageRoot(): string {
  // The bundled ES module has no __dirname, but it may resolve its own package by name.
  let folder = typeof __dirname === 'string' ? __dirname : dirname(require.resolve(`${PACKAGE_NAME}/package.json`));
  while (!isPackageRoot(folder)) {
    const parent = dirname(folder);
    if (parent === folder) {
      throw new Error(`No package.json named ${PACKAGE_NAME} was found above the local target's own code`);
    }
    folder = parent;
  }
  return folder;
}

function isPackageRoot(folder: string): boolean {
  const manifest = join(folder, 'package.json');
  return existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).name === PACKAGE_NAME;
}

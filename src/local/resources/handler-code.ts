/** What can be told of a function's code before it runs: the file of its handler, and whether its AWS SDK is there. */

import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Path of the handler's module in `directory`, or undefined. `dir/app.inner.run` is in `dir/app`. */
export function findHandlerFile(directory: string, handler: string): string | undefined {
  const slash = handler.lastIndexOf('/') + 1;
  const module = handler.slice(0, slash) + handler.slice(slash).split('.')[0];
  return ['', '.js', '.mjs', '.cjs']
    .map((extension) => join(directory, `${module}${extension}`))
    .find((file) => existsSync(file) && statSync(file).isFile());
}

/** `from '…'`, `import '…'`, `import('…')`, `require('…')`, minified or not. */
const SDK_IMPORT = /\b(?:from|import|require)\s*\(?\s*["'](@(?:aws-sdk|smithy)\/[\w.-]+)/g;

/**
 * SDK packages that the handler's own file imports and Node.js will not find from there.
 * @param modules further folders of packages, those of layers
 */
export function missingSdkPackages(file: string, modules: readonly string[]): string[] {
  const imported = [...readFileSync(file, 'utf8').matchAll(SDK_IMPORT)].map(([, name = '']) => name);
  const isThere = (name: string) =>
    isInstalled(name, dirname(file)) || modules.some((folder) => existsSync(join(folder, name)));
  return [...new Set(imported)].filter((name) => !isThere(name)).sort();
}

/** The first path under `/opt`, where the content of layers is on AWS, that the handler's own file has as a text. */
export function optPath(directory: string, handler: string): string | undefined {
  const file = findHandlerFile(directory, handler);
  return file === undefined ? undefined : /["'`](\/opt\/[\w@./-]+)/.exec(readFileSync(file, 'utf8'))?.[1];
}

function isInstalled(name: string, folder: string): boolean {
  if (existsSync(join(folder, 'node_modules', name))) return true;
  return folder !== dirname(folder) && isInstalled(name, dirname(folder));
}

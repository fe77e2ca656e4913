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

/** SDK packages that the handler's own file imports and Node.js will not find from there. */
export function missingSdkPackages(file: string): string[] {
  const imported = [...readFileSync(file, 'utf8').matchAll(SDK_IMPORT)].map(([, name = '']) => name);
  return [...new Set(imported)].filter((name) => !isInstalled(name, dirname(file))).sort();
}

function isInstalled(name: string, folder: string): boolean {
  if (existsSync(join(folder, 'node_modules', name))) return true;
  return folder !== dirname(folder) && isInstalled(name, dirname(folder));
}

/** Finds the file a function's `Handler` stands for, the way Lambda's Node.js runtime looks for it. */

import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Path of the handler's module in `directory`, or undefined. `dir/app.inner.run` is in `dir/app`. */
export function findHandlerFile(directory: string, handler: string): string | undefined {
  const slash = handler.lastIndexOf('/') + 1;
  const module = handler.slice(0, slash) + handler.slice(slash).split('.')[0];
  return ['', '.js', '.mjs', '.cjs']
    .map((extension) => join(directory, `${module}${extension}`))
    .find((file) => existsSync(file) && statSync(file).isFile());
}

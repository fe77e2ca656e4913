/** Loads a package that ships only ES modules into jest's CommonJS world: bundled by esbuild, then evaluated. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { buildSync } from 'esbuild';

export function requireEsmOnly<Exports>(name: string): Exports {
  const { outputFiles } = buildSync({
    stdin: { contents: `export * from '${name}';`, resolveDir: join(__dirname, '../..') },
    bundle: true,
    format: 'cjs',
    platform: 'node',
    write: false,
    logLevel: 'error',
  });
  const module = { exports: {} };
  const run = new Function('module', 'exports', 'require', outputFiles[0]?.text ?? '');
  run(module, module.exports, createRequire(__filename));
  return module.exports as Exports;
}

// Builds the ESM half of one entry from its sources: one bundle, packages external.
const { readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { build } = require('esbuild');

const root = join(__dirname, '..');

/** Entries that must stay free of Node built-ins at load: they run in users' Lambdas and in browsers. */
const PORTABLE = new Set(['contract', 'handler', 'web', 'fetcher']);

/** What a module cannot have in common with the CommonJS half. */
const COMMONJS_ONLY = [/\b(?:__)?require(?:\.resolve)?\(/, /\b__(?:dir|file)name\b/, /\bcreateRequire\(import\.meta/];

/**
 * The two CommonJS forms that sources use, in their ESM form. Literal names stay literal, so that bundlers see them:
 * an optional package is loaded by `await require('name')`, and code finds its own folder by `__dirname`.
 */
const asModule = {
  name: 'as-module',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8');
      const contents = source
        .replace(/\bawait require\('([^']+)'\)/g, "await import('$1')")
        .replace(/\b__dirname\b/g, 'import.meta.dirname');
      return { contents, loader: 'ts' };
    });
  },
};

/**
 * Gives classes that speak of themselves their own names back. esbuild makes `var X = class _X { … new _X() … }` of them, so
 * that stack traces and `console.log` say `_X`. A class without an inner name is called what it is assigned to, in the
 * bundles of users too; inside, the outer name does.
 */
function withOwnNames(code) {
  const names = [...code.matchAll(/^var (\w+) = class _\1\b/gm)].map(([, name]) => name);
  return names.reduce((text, name) => {
    if (new RegExp(`^ +static (?:\\{|[\\w#]+ = ).*\\b_${name}\\b`, 'm').test(text)) {
      throw new Error(`a static initializer of ${name} uses the class before it has its name`);
    }
    return text
      .replace(`var ${name} = class _${name}`, `var ${name} = class`)
      .replace(new RegExp(`\\b_${name}\\b`, 'g'), name);
  }, code);
}

/** Writes the entry `src/<name>/index.ts` to `outfile`; throws where something is left that only CommonJS has. */
async function buildEsmEntry(name, outfile) {
  await build({
    entryPoints: [join(root, 'src', name, 'index.ts')],
    outfile,
    bundle: true,
    packages: 'external',
    format: 'esm',
    target: 'node20',
    platform: PORTABLE.has(name) ? 'neutral' : 'node',
    plugins: [asModule],
    logLevel: 'warning',
  });
  const code = withOwnNames(readFileSync(outfile, 'utf8'));
  writeFileSync(outfile, code);
  const uncommented = code.replace(/^\s*(?:\/\/|\*|\/\*).*$/gm, '');
  const found = COMMONJS_ONLY.map((form) => uncommented.match(form)?.[0]).filter((match) => match !== undefined);
  if (found.length > 0) throw new Error(`${outfile} is an ES module, but it uses ${found.join(', ')}`);
}

module.exports = { buildEsmEntry };

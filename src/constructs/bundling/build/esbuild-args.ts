/** Reads `esbuildArgs`, written as command line flags, into esbuild's build options. https://esbuild.github.io/api/ */
import type { BuildOptions } from 'esbuild';
import { BundlingError, field } from '../bundling-error';

type Value = string | boolean;

/** Flags given as `--flag:key=value` or `--flag:value`; several keys of one flag add up. */
const MAP_FLAGS: Record<string, 'object' | 'list'> = {
  alias: 'object',
  banner: 'object',
  define: 'object',
  drop: 'list',
  external: 'list',
  footer: 'object',
  inject: 'list',
  loader: 'object',
  'log-override': 'object',
  pure: 'list',
  supported: 'object',
};

const LIST_FLAGS = ['conditions', 'drop-labels', 'main-fields', 'resolve-extensions', 'node-paths'];
const NUMBER_FLAGS = ['log-limit', 'line-limit'];
const REGEXP_FLAGS = ['mangle-props', 'reserve-props'];
const BOOLEAN_FLAGS = [
  'allow-overwrite',
  'color',
  'ignore-annotations',
  'jsx-dev',
  'jsx-side-effects',
  'keep-names',
  'mangle-quoted',
  'minify',
  'minify-identifiers',
  'minify-syntax',
  'minify-whitespace',
  'preserve-symlinks',
  'sources-content',
  'tree-shaking',
];
const STRING_FLAGS = [
  'asset-names',
  'charset',
  'format',
  'global-name',
  'jsx',
  'jsx-factory',
  'jsx-fragment',
  'jsx-import-source',
  'legal-comments',
  'log-level',
  'packages',
  'platform',
  'public-path',
  'source-root',
  'target',
  'tsconfig',
  'tsconfig-raw',
];

/** The others would have no export that Lambda could call. */
const FORMATS = ['cjs', 'esm'];

const ALLOWED = [
  ...Object.keys(MAP_FLAGS),
  ...LIST_FLAGS,
  ...NUMBER_FLAGS,
  ...REGEXP_FLAGS,
  ...BOOLEAN_FLAGS,
  ...STRING_FLAGS,
  'sourcemap',
];

/**
 * Build options that mean what the flags mean on esbuild's command line.
 *
 * @throws BundlingError for a flag esbuild has no build option for, or one that would move the output
 */
export function parseEsbuildArgs(args: { readonly [flag: string]: Value }): BuildOptions {
  const options: Record<string, unknown> = {};
  for (const [flag, value] of Object.entries(args)) {
    // `false` leaves a flag out, as on NodejsFunction's command line.
    if (value !== false) addFlag(options, flag, value);
  }
  return options;
}

function addFlag(options: Record<string, unknown>, flag: string, value: Value): void {
  const [name = '', key] = split(flag.replace(/^--/, ''), ':');
  const option = name.replace(/-([a-z])/g, (_match, letter: string) => letter.toUpperCase());
  const shape = MAP_FLAGS[name];
  if (shape !== undefined) {
    const text = key === undefined ? String(value) : value === true || value === '' ? key : `${key}=${value}`;
    options[option] = shape === 'list' ? [...asList(options[option]), text] : withEntry(options[option], name, text);
  } else if (key !== undefined) {
    throw unknownFlag(flag);
  } else if (name === 'sourcemap') {
    options[option] = value === '' ? true : value;
  } else if (BOOLEAN_FLAGS.includes(name)) {
    options[option] = parseBoolean(flag, value);
  } else if (LIST_FLAGS.includes(name)) {
    options[option] = value === true || value === '' ? [] : String(value).split(',');
  } else if (NUMBER_FLAGS.includes(name)) {
    options[option] = parseNumber(flag, value);
  } else if (REGEXP_FLAGS.includes(name)) {
    options[option] = parseRegExp(flag, value);
  } else if (STRING_FLAGS.includes(name)) {
    if (name === 'format' && !FORMATS.includes(String(value))) throw badValue(flag, value, "'cjs' or 'esm'");
    options[option] = String(value);
  } else {
    throw unknownFlag(flag);
  }
}

function unknownFlag(flag: string): BundlingError {
  return new BundlingError(
    `esbuildArgs has a flag that cannot be used here: '${flag}'. Allowed are, written as on esbuild's command line ` +
      `(https://esbuild.github.io/api/): ${ALLOWED.map((allowed) => `--${allowed}`)
        .sort()
        .join(', ')}`,
  );
}

function parseBoolean(flag: string, value: Value): boolean {
  if (value === true || value === '' || value === 'true') return true;
  if (value === 'false') return false;
  throw badValue(flag, value, "true, false, 'true' or 'false'");
}

function parseNumber(flag: string, value: Value): number {
  if (/^\d+$/.test(String(value))) return Number(value);
  throw badValue(flag, value, "a whole number, such as '0'");
}

function parseRegExp(flag: string, value: Value): RegExp {
  try {
    return new RegExp(String(value));
  } catch (cause) {
    throw badValue(flag, value, `a regular expression (${field(cause, 'message')})`);
  }
}

function badValue(flag: string, value: Value, allowed: string): BundlingError {
  return new BundlingError(`the flag ${flag} in esbuildArgs must be ${allowed}, got: '${value}'`);
}

function withEntry(entries: unknown, name: string, text: string): Record<string, unknown> {
  const [key = '', value = ''] = split(text, '=');
  const parsed = name === 'supported' ? value === 'true' : value;
  return { ...(typeof entries === 'object' ? entries : {}), [key]: parsed };
}

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function split(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

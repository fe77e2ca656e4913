/**
 * esbuild's options as flags of its command line: read from `esbuildArgs`, and written for a container. One table says how
 * each looks. https://esbuild.github.io/api/#build
 */
import type { BuildOptions } from 'esbuild';
import { show } from '../../../base/option-problem';
import { BundlingError } from '../bundling-error';
import { field } from '../failures';

type Value = string | boolean;

/** How a flag is written: `--f:key=value`, `--f:value` (both repeated), `--f=a,b`, `--f=value` or just `--f`. */
type Shape = 'map' | 'repeated' | 'list' | 'number' | 'regexp' | 'switch' | 'text' | 'switch or text';

const SHAPES: Readonly<Record<string, Shape>> = {
  alias: 'map',
  'allow-overwrite': 'switch',
  'asset-names': 'text',
  banner: 'map',
  charset: 'text',
  color: 'switch',
  conditions: 'list',
  define: 'map',
  drop: 'repeated',
  'drop-labels': 'list',
  external: 'repeated',
  footer: 'map',
  format: 'text',
  'global-name': 'text',
  'ignore-annotations': 'switch',
  inject: 'repeated',
  jsx: 'text',
  'jsx-dev': 'switch',
  'jsx-factory': 'text',
  'jsx-fragment': 'text',
  'jsx-import-source': 'text',
  'jsx-side-effects': 'switch',
  'keep-names': 'switch',
  'legal-comments': 'text',
  'line-limit': 'number',
  loader: 'map',
  'log-level': 'text',
  'log-limit': 'number',
  'log-override': 'map',
  'main-fields': 'list',
  'mangle-props': 'regexp',
  'mangle-quoted': 'switch',
  minify: 'switch',
  'minify-identifiers': 'switch',
  'minify-syntax': 'switch',
  'minify-whitespace': 'switch',
  'node-paths': 'list',
  packages: 'text',
  platform: 'text',
  'preserve-symlinks': 'switch',
  'public-path': 'text',
  pure: 'repeated',
  'reserve-props': 'regexp',
  'resolve-extensions': 'list',
  'source-root': 'text',
  sourcemap: 'switch or text',
  'sources-content': 'switch',
  supported: 'map',
  target: 'text',
  'tree-shaking': 'switch',
  tsconfig: 'text',
  'tsconfig-raw': 'text',
};

/** Lambda could call no export of the others. */
const FORMATS = ['cjs', 'esm'];

/**
 * Build options that mean what the flags mean on esbuild's command line.
 *
 * @throws BundlingError for a flag esbuild has no build option for, or one that would move the output
 */
export function parseFlags(flags: { readonly [flag: string]: Value }): BuildOptions {
  const options: Record<string, unknown> = {};
  for (const [flag, value] of Object.entries(flags)) {
    // `false` leaves a flag out, as on NodejsFunction's command line.
    if (value !== false) addFlag(options, flag, value);
  }
  return options;
}

/** Build options as flags, without `absWorkingDir`, which the command line takes from where it runs. */
export function writeFlags({ absWorkingDir: _absWorkingDir, ...options }: BuildOptions): string[] {
  return Object.entries(options).flatMap(([option, value]: [string, unknown]) => {
    const name = option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    return written(`--${name}`, SHAPES[name] ?? 'switch or text', value);
  });
}

function addFlag(options: Record<string, unknown>, flag: string, value: Value): void {
  const [name = '', key] = split(flag.replace(/^--/, ''), ':');
  const option = name.replace(/-([a-z])/g, (_match, letter: string) => letter.toUpperCase());
  const shape = Object.hasOwn(SHAPES, name) ? SHAPES[name] : undefined;
  const isKeyed = shape === 'map' || shape === 'repeated';
  if (shape === undefined || (key !== undefined && !isKeyed)) throw unknownFlag(flag);
  options[option] = isKeyed
    ? addKeyed(options[option], name, shape, keyed(key, value))
    : parseValue(flag, name, shape, value);
}

/** `key=value` may be before or behind the equals sign of the object it is written in. */
function keyed(key: string | undefined, value: Value): string {
  if (key === undefined) return String(value);
  return value === true || value === '' ? key : `${key}=${value}`;
}

function addKeyed(known: unknown, name: string, shape: 'map' | 'repeated', text: string): unknown {
  if (shape === 'repeated') return [...(Array.isArray(known) ? known : []), text];
  const [key = '', value = ''] = split(text, '=');
  return { ...(typeof known === 'object' ? known : {}), [key]: name === 'supported' ? value === 'true' : value };
}

function parseValue(flag: string, name: string, shape: Shape, value: Value): unknown {
  if (shape === 'switch') return parseSwitch(flag, value);
  if (shape === 'list') return value === true || value === '' ? [] : String(value).split(',');
  if (shape === 'number') return parseNumber(flag, value);
  if (shape === 'regexp') return parseRegExp(flag, value);
  if (shape === 'switch or text') return value === '' ? true : value;
  if (name === 'format' && !FORMATS.includes(String(value))) throw badValue(flag, value, "'cjs' or 'esm'");
  return String(value);
}

function unknownFlag(flag: string): BundlingError {
  return new BundlingError(
    'OptionInvalid',
    `esbuildArgs has a flag that cannot be used here: '${flag}'. Allowed are, written as on esbuild's command line ` +
      `(https://esbuild.github.io/api/): ${Object.keys(SHAPES)
        .map((allowed) => `--${allowed}`)
        .join(', ')}`,
  );
}

function parseSwitch(flag: string, value: Value): boolean {
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
  return new BundlingError('OptionInvalid', `the flag ${flag} in esbuildArgs must be ${allowed}, got ${show(value)}`);
}

function written(flag: string, shape: Shape, value: unknown): string[] {
  if (value === undefined) return [];
  if (value === true) return [flag];
  if (shape === 'regexp') return [`${flag}=${field(value, 'source') ?? value}`];
  if (shape === 'map') return Object.entries(value as object).map(([key, item]) => `${flag}:${key}=${item}`);
  if (!Array.isArray(value)) return [`${flag}=${String(value)}`];
  if (shape === 'repeated') return value.map((item) => `${flag}:${item}`);
  return value.length > 0 ? [`${flag}=${value.join(',')}`] : [];
}

function split(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

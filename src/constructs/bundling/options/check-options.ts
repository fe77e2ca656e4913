/** Checks bundling options before anything is done with them, and says all that is wrong at once. */
import { inspect } from 'node:util';
import type { Construct } from 'constructs';
import type { StreamingBundlingOptions } from '../../streaming-bundling-options';
import { BundlingError, field } from '../bundling-error';
import { OPTION_SHAPES } from './option-shapes';
import { isUnresolved, tokenProblem } from './unresolved';

/** Options of esbuild that people look for here, and what to do instead. */
const NOT_HERE: Readonly<Record<string, string>> = {
  plugins:
    'plugins are functions, on which neither a cache nor a command line can depend; use commandHooks, or pass code',
  external: 'it is called externalModules here',
  sourcemap: 'it is called sourceMap here',
  alias: "pass it in esbuildArgs: { '--alias:name': 'path' }",
};

/** @throws BundlingError that names the construct and lists every option that cannot be used */
export function checkOptions(scope: Construct, options: StreamingBundlingOptions): void {
  const problems = problemsOf(options);
  if (problems.length === 0) return;
  const listed = problems.length === 1 ? ` ${problems[0]}` : problems.map((problem) => `\n  - ${problem}`).join('');
  throw new BundlingError(`cannot bundle '${scope.node.path}':${listed}`);
}

function problemsOf(options: StreamingBundlingOptions): string[] {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    return [`bundling options must be an object, got: ${shown(options)}`];
  }
  const unknown = Object.keys(options).filter((name) => !Object.hasOwn(OPTION_SHAPES, name));
  const known = Object.keys(OPTION_SHAPES).flatMap((name) => problemOf(name, field(options, name)));
  return [...unknown.map(unknownOption), ...known];
}

/** A value as the caller might have written it. */
export function shown(value: unknown): string {
  return inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY, maxStringLength: 100, maxArrayLength: 10 });
}

function unknownOption(name: string): string {
  const known = Object.keys(OPTION_SHAPES);
  const instead = NOT_HERE[name] ?? `the options are ${known.join(', ')}`;
  return `there is no bundling option '${name}': ${instead}`;
}

function problemOf(name: string, value: unknown): string[] {
  const shape = OPTION_SHAPES[name as keyof typeof OPTION_SHAPES];
  if (value === undefined) return [];
  const token = tokenIn(name, value);
  if (token !== undefined) return [`the bundling option ${token} ${tokenProblem(name)}`];
  return shape.fits(value) ? [] : [`the bundling option ${name} must be ${shape.words}, got: ${shown(value)}`];
}

/** Where in an option there is a token: itself, or one of the items of a list or an object. */
function tokenIn(name: string, value: unknown): string | undefined {
  if (isUnresolved(value)) return name;
  if (typeof value !== 'object' || value === null) return undefined;
  if (name === 'sizeBudget') return (value as { isUnresolved?(): boolean }).isUnresolved?.() ? name : undefined;
  if (!Array.isArray(value) && !isPlain(value)) return undefined;
  const found = Object.entries(value).find(([key, item]) => isUnresolved(key) || isUnresolved(item));
  return found && `${name}[${shown(Array.isArray(value) ? Number(found[0]) : found[0])}]`;
}

/** Instances of classes look after their own values: a runtime, for one, may have a name that is a token. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Checks bundling options before anything is done with them, and says at once everything that is wrong. */
import type { Construct } from 'constructs';
import { isObject } from '../../../base/is-object';
import { optionProblem, show } from '../../../base/option-problem';
import type { StreamingBundlingOptions } from '../../streaming-bundling-options';
import { BundlingError } from '../bundling-error';
import { field } from '../failures';
import { OPTION_RULES } from './option-rules';
import { isUnresolved, tokenProblem } from './unresolved';

/** Options of esbuild that people look for here, and what to do instead. */
const NOT_HERE: Readonly<Record<string, string>> = {
  plugins:
    'plugins are functions, on which neither a cache nor a command line can depend; use commandHooks, or pass code',
  external: 'it is called externalModules here',
  sourcemap: 'it is called sourceMap here',
  alias: "pass it in esbuildArgs: { '--alias:name': 'path' }",
};

const NOUN = 'bundling option';

/** @throws BundlingError that names the construct and lists every option that cannot be used */
export function checkOptions(scope: Construct, options: StreamingBundlingOptions): void {
  const problems = problemsOf(options);
  if (problems.length === 0) return;
  const listed = problems.length === 1 ? ` ${problems[0]}` : problems.map((problem) => `\n  - ${problem}`).join('');
  throw new BundlingError('OptionInvalid', `cannot bundle '${scope.node.path}':${listed}`);
}

function problemsOf(options: StreamingBundlingOptions): string[] {
  if (!isObject(options)) return [`${NOUN}s must be an object, got ${show(options)}`];
  const known = (name: string) => Object.hasOwn(OPTION_RULES, name);
  const names = Object.keys(options);
  const all = [...names.filter((name) => !known(name)), ...Object.keys(OPTION_RULES).filter((name) => name in options)];
  return all.flatMap((name) => problemOf(name, field(options, name)));
}

function problemOf(name: string, value: unknown): string[] {
  if (value === undefined) return [];
  if (Object.hasOwn(NOT_HERE, name)) return [`there is no ${NOUN} '${name}': ${NOT_HERE[name]}`];
  const token = tokenIn(name, value);
  if (token !== undefined) return [`the ${NOUN} ${token} ${tokenProblem(name)}`];
  const problem = optionProblem({ [name]: value }, OPTION_RULES, NOUN);
  if (problem === undefined) return [];
  return [problem.startsWith('there is no') ? problem : `the ${NOUN} ${problem}`];
}

/** Where in an option there is a token: itself, or one of the items of a list or an object. */
function tokenIn(name: string, value: unknown): string | undefined {
  if (isUnresolved(value)) return name;
  if (typeof value !== 'object' || value === null) return undefined;
  if (name === 'sizeBudget') return (value as { isUnresolved?(): boolean }).isUnresolved?.() ? name : undefined;
  if (!Array.isArray(value) && !isPlain(value)) return undefined;
  const found = Object.entries(value).find(([key, item]) => isUnresolved(key) || isUnresolved(item));
  return found && `${name}[${show(Array.isArray(value) ? Number(found[0]) : found[0])}]`;
}

/** Instances of classes look after their own values: a runtime, for one, may have a name that is a token. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

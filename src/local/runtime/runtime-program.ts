/**
 * What plays the runtime of a function: the program that its process runs, or why none does here. AWS's own client runs
 * functions for Node.js, a small client of ours those for Python, and an OS-only runtime brings its own program.
 */
import { existsSync, readFileSync } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import type { FunctionConfiguration } from '../state';
import { bootstrapOf, executableProblem } from './bootstrap-file';
import { type Python, pythonFor } from './python';
import { assetFolder } from './runtime-path';
import { hasWebAdapter, webAdapterEnvironment } from './web-adapter';

export interface RuntimeProgram {
  readonly command: readonly [executable: string, ...args: string[]];
  /** Variables that win over those of the function. */
  readonly environment: Readonly<Record<string, string>>;
  /** Whether it tells where the log of an invocation ends, and how much memory it took. */
  readonly marksBoundaries: boolean;
}

export interface RuntimeProgramOptions {
  readonly nodeExecutable: string;
  readonly initTimeoutMs: number;
}

/** Undefined where the function's package holds none, which is what {@link runtimeProblem} has no words for. */
export function runtimeProgram(
  configuration: FunctionConfiguration,
  { nodeExecutable, initTimeoutMs }: RuntimeProgramOptions,
): RuntimeProgram | undefined {
  const { runtime } = configuration;
  const isAdapted = hasWebAdapter(configuration);
  if (isAdapted || runtime.startsWith('nodejs')) {
    return {
      command: [nodeExecutable, ...nodeFlags(configuration), join(assetFolder('ric'), nodeClient(runtime))],
      environment: isAdapted ? webAdapterEnvironment(configuration, initTimeoutMs) : {},
      marksBoundaries: true,
    };
  }
  if (runtime.startsWith('python')) return pythonProgram(configuration, pythonFor(runtime));
  const bootstrap = bootstrapOf(configuration);
  return bootstrap === undefined ? undefined : { command: [bootstrap], environment: {}, marksBoundaries: false };
}

/** Asked at each invocation; the answer needs files to be read. */
const problems = new WeakMap<FunctionConfiguration, string | undefined>();

/** Why the local target cannot run a function; undefined when it can. */
export function runtimeProblem(configuration: FunctionConfiguration): string | undefined {
  if (!problems.has(configuration)) problems.set(configuration, findProblem(configuration));
  return problems.get(configuration);
}

function findProblem(configuration: FunctionConfiguration): string | undefined {
  const { functionName, imageUri, runtime } = configuration;
  if (runtime.startsWith('nodejs') || hasWebAdapter(configuration)) return undefined;
  if (imageUri !== undefined) {
    return `The function ${functionName} is the container image ${imageUri}, which cannot run here: name a program that plays it in the option 'images' of startLocal()`;
  }
  if (runtime.startsWith('python')) {
    return pythonFor(runtime) === undefined
      ? `The function ${functionName} has the runtime ${runtime}, and there is no 'python3' on the PATH to run it: install Python 3.8 or later`
      : undefined;
  }
  if (runtime.startsWith('provided')) {
    const bootstrap = bootstrapOf(configuration);
    const problem = bootstrap === undefined ? undefined : executableProblem(bootstrap);
    return problem === undefined
      ? undefined
      : `The function ${functionName} has the runtime ${runtime}, and its 'bootstrap' cannot run here: it ${problem}. Build it for this machine, or deploy the function as a container image with a program that plays it in the option 'images' of startLocal()`;
  }
  return (
    `The function ${functionName} has the runtime ${runtime}, which cannot run here: Node.js, Python and OS-only runtimes (provided.al2023) can. ` +
    "Put a web server behind the Lambda Web Adapter, or deploy it as a container image with a program that plays it in the option 'images' of startLocal()"
  );
}

/** https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html#packaging-layers-paths */
function pythonProgram(
  { environment, handler, layerDirectories = [] }: FunctionConfiguration,
  python: Python | undefined,
): RuntimeProgram | undefined {
  if (python === undefined) return undefined;
  const { executable, hasAwsClient, version } = python;
  const packages = [...layerDirectories]
    .reverse()
    .flatMap((layer) => [join(layer, 'python'), join(layer, 'python', 'lib', `python${version}`, 'site-packages')]);
  const own = environment['PYTHONPATH'];
  const paths = { PYTHONPATH: [...(own === undefined ? [] : [own]), ...packages].join(delimiter) };
  return {
    command: hasAwsClient
      ? [executable, '-m', 'awslambdaric', handler]
      : [executable, join(assetFolder('python'), 'client.py')],
    // The code folder stays as it was deployed, as on AWS, where nothing can be written there.
    environment: { ...(paths.PYTHONPATH !== '' && paths), PYTHONDONTWRITEBYTECODE: '1' },
    marksBoundaries: !hasAwsClient,
  };
}

/** The first runtime whose handlers have no callback. https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html */
const WITHOUT_CALLBACKS = 24;

function nodeClient(runtime: string): string {
  const [, major = WITHOUT_CALLBACKS] = /^nodejs(\d+)/.exec(runtime) ?? [];
  return Number(major) < WITHOUT_CALLBACKS ? 'with-callbacks.mjs' : 'index.mjs';
}

/** Share of the memory that V8's old generation may take; the rest is for buffers, code and the new generation. */
const HEAP_SHARE = 0.9;

function nodeFlags(configuration: FunctionConfiguration): readonly string[] {
  const heap = `--max-old-space-size=${Math.floor(configuration.memoryMb * HEAP_SHARE)}`;
  return wantsSourceMaps(configuration) ? [heap, '--enable-source-maps'] : [heap];
}

/**
 * Whether stack traces should name the sources of the handler's file: it has a source map that Node.js finds. On AWS the
 * function must ask for it in `NODE_OPTIONS`; here nobody is to read traces of a bundle that could be better. What the
 * function says of it itself counts.
 */
function wantsSourceMaps(configuration: FunctionConfiguration): boolean {
  const { codeDirectory, environment, handler } = configuration;
  if (hasWebAdapter(configuration) || environment['NODE_OPTIONS']?.includes('enable-source-maps')) return false;
  const [module = ''] = basename(handler).split('.');
  const file = ['.js', '.mjs', '.cjs']
    .map((extension) => join(codeDirectory, dirname(handler), `${module}${extension}`))
    .find((path) => existsSync(path));
  return file !== undefined && readFileSync(file, 'latin1').includes('\n//# sourceMappingURL=');
}

/**
 * esbuild in a process of its own, behind the calls of its API that we make.
 *
 * For realms in which the API cannot be loaded, such as jsdom test environments, and for builds whose sources `tsc` has compiled: only
 * a plugin can put those in the place of the files they are made from, and plugins need the asynchronous API.
 */
import { spawnSync } from 'node:child_process';
import * as path from 'node:path';
import type * as esbuild from 'esbuild';
import { isObject } from '../../../base/is-object';
import { BundlingError } from '../bundling-error';
import { field } from '../failures';
import { readJson } from '../files/json-file';

/** The part of esbuild's API that is used here. */
export type Esbuild = Pick<typeof esbuild, 'version' | 'buildSync' | 'formatMessagesSync'>;

/** Where `tsc` wrote what it made of a source file; both absolute. */
export type CompiledSources = Readonly<Record<string, string>>;

type Request =
  | { readonly build: esbuild.BuildOptions; readonly compiled: CompiledSources }
  | { readonly format: esbuild.PartialMessage[]; readonly options: esbuild.FormatMessagesOptions };

interface Answer {
  readonly value?: unknown;
  readonly failure?: {
    readonly message: string;
    readonly errors?: esbuild.Message[];
    readonly warnings?: esbuild.Message[];
  };
}

/** `file` is the main file of an installed esbuild. */
export function esbuildInProcess(file: string, compiled: CompiledSources = {}): Esbuild {
  const description = readJson(path.join(path.dirname(file), '..', 'package.json'));
  return {
    version: String(description?.['version']),
    // What the API promises for each set of options, the process keeps: its types cannot be said again here.
    buildSync: ((options: esbuild.BuildOptions) =>
      built(ask(file, { build: options, compiled }))) as typeof esbuild.buildSync,
    formatMessagesSync: (format, options) => ask(file, { format, options }) as string[],
  };
}

function ask(file: string, request: Request): unknown {
  const input = JSON.stringify({ file, ...request }, (_key, value) =>
    Object.prototype.toString.call(value) === '[object RegExp]' ? { [PATTERN]: value.source } : value,
  );
  const { stdout, stderr, error, status } = spawnSync(
    process.execPath,
    ['-e', `(${serve})(require, ${JSON.stringify(PATTERN)})`],
    {
      input,
      encoding: 'utf8',
      maxBuffer: Number.POSITIVE_INFINITY,
    },
  );
  if (status !== 0) {
    throw new BundlingError('ToolMissing', `esbuild cannot be run from ${file}: ${error?.message ?? stderr}`, error);
  }
  const { value, failure }: Answer = JSON.parse(stdout);
  if (failure === undefined) return value;
  throw Object.assign(new Error(failure.message), failure);
}

/** Contents come as base64, which is all that JSON can carry. */
function built(result: unknown): unknown {
  if (!isObject(result) || !Array.isArray(result['outputFiles'])) return result;
  const outputFiles = result['outputFiles'].map((file: unknown) => {
    const contents = Buffer.from(String(field(file, 'contents')), 'base64');
    return { path: field(file, 'path'), contents, text: contents.toString('utf8') };
  });
  return { ...result, outputFiles };
}

const PATTERN = '$pattern';

/** Runs in the process, from its source text: it can use nothing but what it is given. */
async function serve(load: NodeJS.Require, pattern: string): Promise<void> {
  const fs: typeof import('node:fs') = load('node:fs');
  const path: typeof import('node:path') = load('node:path');
  const request = JSON.parse(fs.readFileSync(0, 'utf8'), (_key, value) =>
    typeof value?.[pattern] === 'string' ? new RegExp(value[pattern]) : value,
  );
  const answer = async (): Promise<unknown> => {
    const { build, formatMessages }: typeof import('esbuild') = load(request.file);
    if (request.format !== undefined) return formatMessages(request.format, request.options);
    const plugin: import('esbuild').Plugin = {
      name: 'compiled',
      setup({ onLoad }) {
        onLoad({ filter: /\.([cm]?[jt]s|[jt]sx)$/ }, ({ path: source }) => {
          const made = request.compiled[source];
          if (made === undefined) return undefined;
          const loader = path.extname(made) === '.jsx' ? 'jsx' : 'js';
          return { contents: fs.readFileSync(made, 'utf8'), resolveDir: path.dirname(source), loader };
        });
      },
    };
    const hasCompiled = Object.keys(request.compiled).length > 0;
    const result = await build({ ...request.build, ...(hasCompiled && { plugins: [plugin] }) });
    const outputFiles = result.outputFiles?.map((file) => ({
      path: file.path,
      contents: Buffer.from(file.contents).toString('base64'),
    }));
    return { ...result, outputFiles };
  };
  const reply = await answer().then(
    (value) => ({ value }),
    ({ message, errors, warnings }) => ({ failure: { message, errors, warnings } }),
  );
  process.stdout.write(JSON.stringify(reply));
}

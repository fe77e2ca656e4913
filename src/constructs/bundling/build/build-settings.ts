/** Turns bundling options and a runtime into the exact esbuild options of one entry, the same as `NodejsFunction` would. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { BuildOptions, Loader } from 'esbuild';
import type { StreamingBundlingOptions } from '../../streaming-bundling-options';
import { BundlingError } from '../bundling-error';
import { type Project, projectOf } from '../files/project-root';
import { parseFlags } from './esbuild-flags';
import type { CompiledSources } from './esbuild-process';

import { esbuildFor } from './load-esbuild';
import { START_SCRIPT_NAME, startScript } from './start-script';
import { externalsFor, type TargetRuntime, warnAboutExternals } from './target-runtime';

/** Lambda's Node.js 14 was the first to load an `.mjs` handler. */
const FIRST_ESM_NODE = 14;

/** One entry, ready to be built. */
export interface BuildSettings {
  readonly project: Project;
  /** Absolute real path. */
  readonly entry: string;
  /** Name of the output file without its extension is always `index`. */
  readonly extension: '.js' | '.mjs';
  /** esbuild's options without entry points and output place. */
  readonly esbuild: BuildOptions;
  /** Name of the runtime, for the image of a container build. */
  readonly runtimeName: string;
  /** Platform of a container build. */
  readonly platform: string;
  /** Whether the bundle carries `index.meta.json`. */
  readonly metafile: boolean;
  /** Whether an ES module that calls `require` is given one. */
  readonly requireBanner: boolean;
  /** The script beside the bundle that starts it as a program; nothing for a handler that the runtime calls. */
  readonly startScript: string | undefined;
  /** What `tsc` has made of the sources, for a build after it. */
  readonly compiled?: CompiledSources;
  /** Equal for entries that one esbuild pass can build together; independent of where the project is. */
  readonly groupKey: string;
  /** Identifies the build within its project: the group, the entry and the version of esbuild. */
  readonly key: string;
  /** The same whatever the version of esbuild, for an asset hash that the user gives. */
  readonly assetKey: string;
}

/** Decides everything about a build except where it is written. */
export function buildSettings(
  scope: Construct,
  entry: string,
  runtime: TargetRuntime,
  options: StreamingBundlingOptions,
  isProgram = false,
): BuildSettings {
  const project = projectOf(entry, options);
  const esbuild = esbuildOptions(scope, project, runtime, options);
  const file = fs.realpathSync(entry);
  const place = path.relative(project.root, file);
  const chosen = `${optionsKey(project, esbuild, options)}${isProgram ? START_SCRIPT_NAME : ''}`;
  const extension = esbuild.format === 'esm' ? '.mjs' : '.js';
  // Containers have an esbuild of their own.
  const version = options.forceDockerBundling ? '' : esbuildFor({ entry: file, project }).version;
  return {
    project,
    entry: file,
    extension,
    esbuild,
    runtimeName: runtime.name,
    platform: architectureOf(scope).dockerPlatform,
    metafile: options.metafile ?? false,
    requireBanner: options.requireBanner ?? true,
    startScript: isProgram ? startScript(extension) : undefined,
    groupKey: JSON.stringify([chosen, version]),
    key: JSON.stringify([place, chosen, version]),
    assetKey: JSON.stringify([place, chosen]),
  };
}

function esbuildOptions(
  scope: Construct,
  project: Project,
  runtime: TargetRuntime,
  options: StreamingBundlingOptions,
): BuildOptions {
  const node = nodeVersion(runtime);
  if (options.format === 'esm' && node < FIRST_ESM_NODE) {
    throw new BundlingError(
      'OptionInvalid',
      `format ESM needs nodejs${FIRST_ESM_NODE}.x or newer, got '${runtime.name}'`,
    );
  }
  const externals = externalsFor(scope, node, runtime, options);
  warnAboutExternals(scope, node, runtime, externals);
  const flags = parseFlags(options.esbuildArgs ?? {});
  const tsconfig = flags.tsconfig ?? options.tsconfig;
  const nodePath = options.environment?.['NODE_PATH'] ?? process.env['NODE_PATH'];
  const written: BuildOptions = {
    absWorkingDir: project.root,
    bundle: true,
    platform: 'node',
    target: options.target?.split(',') ?? `node${node}`,
    format: options.format,
    minify: options.minify,
    sourcemap: sourceMap(options),
    sourcesContent: options.sourcesContent === false ? false : undefined,
    keepNames: options.keepNames,
    charset: options.charset,
    mainFields: options.mainFields,
    conditions: options.conditions,
    nodePaths: nodePath ? nodePath.split(path.delimiter) : undefined,
    ...flags,
    tsconfig: tsconfig && tsconfigPath(project.root, tsconfig),
    external: [...externals, ...(options.nodeModules ?? []), ...(flags.external ?? [])],
    loader: { ...(options.loader as Record<string, Loader> | undefined), ...flags.loader },
    define: { ...options.define, ...flags.define },
    inject: [...(options.inject ?? []), ...(flags.inject ?? [])],
    banner: { ...(options.banner ? { js: options.banner } : {}), ...flags.banner },
    footer: { ...(options.footer ? { js: options.footer } : {}), ...flags.footer },
  };
  return Object.fromEntries(Object.entries(written).filter(([, value]) => value !== undefined));
}

function nodeVersion(runtime: TargetRuntime): number {
  const version = /^nodejs(\d+)/.exec(runtime.name)?.[1];
  if (version === undefined) {
    throw new BundlingError(
      'OptionInvalid',
      `an entry can be bundled for Node.js runtimes (nodejsNN.x) only, got '${runtime.name}'`,
    );
  }
  return Number(version);
}

function sourceMap(options: StreamingBundlingOptions): BuildOptions['sourcemap'] {
  if (options.sourceMap === false && options.sourceMapMode) {
    throw new BundlingError(
      'OptionInvalid',
      `sourceMapMode '${options.sourceMapMode}' cannot be used with sourceMap: false; leave one of them out`,
    );
  }
  if (options.sourceMapMode === undefined) return options.sourceMap ? true : undefined;
  return options.sourceMapMode === 'default' ? true : options.sourceMapMode;
}

/** `NodejsFunction` reads the path from the working directory; the project root keeps it independent of that. */
function tsconfigPath(root: string, tsconfig: string): string {
  const candidates = [...new Set([path.resolve(root, tsconfig), path.resolve(tsconfig)])];
  const found = candidates.find((file) => fs.existsSync(file));
  if (found) return fs.realpathSync(found);
  throw new BundlingError(
    'OptionInvalid',
    `tsconfig must name an existing file, got '${tsconfig}'; tried: ${candidates.join(', ')}`,
  );
}

/** Functions have an architecture; other constructs get the one Lambda defaults to. */
function architectureOf(scope: Construct): lambda.Architecture {
  const { architecture } = scope as { architecture?: lambda.Architecture };
  return architecture ?? lambda.Architecture.X86_64;
}

/** Loaders that write files of their own: named relative to the pass, not to one bundle of it. */
const FILE_LOADERS = ['file', 'copy'];

/** True when the entry cannot share a pass with others. */
export function isAlone({ esbuild }: BuildSettings): boolean {
  return Object.values(esbuild.loader ?? {}).some((loader) => FILE_LOADERS.includes(loader));
}

function optionsKey({ root }: Project, esbuild: BuildOptions, options: StreamingBundlingOptions): string {
  const { tsconfig, inject = [], nodePaths = [], alias = {} } = esbuild;
  const portable: BuildOptions = {
    ...esbuild,
    absWorkingDir: undefined,
    tsconfig: tsconfig && withoutPlace(root, tsconfig),
    inject: inject.map((file) => withoutPlace(root, file)),
    nodePaths: nodePaths.map((dir) => withoutPlace(root, dir)),
    alias: Object.fromEntries(Object.entries(alias).map(([from, to]) => [from, withoutPlace(root, to)])),
  };
  return JSON.stringify([portable, options.metafile ?? false, options.requireBanner ?? true], (_key, value) =>
    value instanceof RegExp ? String(value) : value,
  );
}

/** An absolute path as esbuild would take it from the project root, so that it is the same in every checkout. */
function withoutPlace(root: string, file: string): string {
  if (!path.isAbsolute(file)) return file;
  const real = fs.existsSync(file) ? fs.realpathSync(file) : file;
  return `./${posix(path.relative(root, real))}`;
}

/** An output folder that is never written: source maps and reports that name it do not depend on the real one. */
export const VIRTUAL_OUTDIR = '.cdk-lambda-streaming';

/** Its absolute path. */
export function virtualOutdir({ project }: Pick<BuildSettings, 'project'>): string {
  return path.join(project.root, VIRTUAL_OUTDIR);
}

/** A file as esbuild names it in its report. */
export function nameInMetafile({ project }: Pick<BuildSettings, 'project'>, file: string): string {
  return posix(path.relative(project.root, path.resolve(project.root, file)));
}

/** A path with the separators of esbuild's reports and of URLs. */
export function posix(file: string): string {
  return file.split(path.sep).join('/');
}

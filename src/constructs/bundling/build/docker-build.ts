/** Builds an entry inside a container, for those who ask: modules installed there fit the Lambda environment. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { BundlingFileAccess, DockerImage } from 'aws-cdk-lib/core';
import type { StreamingBundlingOptions } from '../../streaming-bundling-options';
import { BundlingError } from '../bundling-error';
import type { Project } from '../files/project-root';
import { type BuildSettings, posix } from './build-settings';
import { hookLines } from './commands';
import { writeFlags } from './esbuild-flags';
import { installationCommands } from './module-installation';
import { compiledEntry, compilingCommands } from './pre-compilation';

/** Where the framework's own images expect the project and the bundle. */
const INPUT_DIR = '/asset-input';
const OUTPUT_DIR = '/asset-output';
/** What `tsc` makes of the project, until esbuild has read it. */
const COMPILED_DIR = `${OUTPUT_DIR}/.compiled`;

/** Runs the whole build in a container and leaves the bundle in `dir`. */
export function buildInDocker(settings: BuildSettings, options: StreamingBundlingOptions, dir: string): void {
  if (options.bundlingFileAccess === BundlingFileAccess.VOLUME_COPY) {
    throw new BundlingError(
      'OptionInvalid',
      'bundlingFileAccess VOLUME_COPY is not supported with entries; use BIND_MOUNT or leave it out',
    );
  }
  const command = options.command ?? ['bash', '-c', containerCommands(settings, options).join(' && ')];
  imageFor(settings, options).run({
    ...options,
    command,
    // esbuild names files relative to it, so that the bundle does not tell where it was built.
    workingDirectory: options.workingDirectory ?? INPUT_DIR,
    user: options.user ?? currentUser(),
    platform: options.platform ?? settings.platform,
    volumes: [
      ...(options.volumes ?? []),
      { hostPath: settings.project.root, containerPath: INPUT_DIR },
      { hostPath: dir, containerPath: OUTPUT_DIR },
    ],
  });
}

function containerCommands(settings: BuildSettings, options: StreamingBundlingOptions): string[] {
  const { project } = settings;
  const { commandHooks: hooks, nodeModules = [] } = options;
  const entry = inContainer('entry', settings.entry, project);
  const installation = { modules: nodeModules, entry: settings.entry, project, logLevel: options.logLevel };
  const lockFile = (file: string) => inContainer('the lock file', file, project);
  return [
    ...hookLines(hooks, 'beforeBundling', INPUT_DIR, OUTPUT_DIR),
    ...(options.preCompilation
      ? compilingCommands(settings, COMPILED_DIR, (what, file) => inContainer(what, file, project))
      : []),
    shellLine([
      'esbuild',
      options.preCompilation ? `${COMPILED_DIR}/${compiledEntry(settings)}` : entry,
      ...esbuildFlags(settings, options),
    ]),
    ...(options.preCompilation ? [`rm -rf "${COMPILED_DIR}"`] : []),
    ...(nodeModules.length > 0 ? hookLines(hooks, 'beforeInstall', INPUT_DIR, OUTPUT_DIR) : []),
    ...(nodeModules.length > 0 ? installationCommands(installation, OUTPUT_DIR, lockFile) : []),
    ...hookLines(hooks, 'afterBundling', INPUT_DIR, OUTPUT_DIR),
  ];
}

function esbuildFlags(settings: BuildSettings, { logLevel, preCompilation }: StreamingBundlingOptions): string[] {
  const { project, esbuild, extension } = settings;
  // The command line takes NODE_PATH from the environment, and has no flag for it.
  const { nodePaths: _nodePaths, tsconfig, inject = [], alias = {}, ...others } = esbuild;
  const moved = (option: string, file: string) => (path.isAbsolute(file) ? inContainer(option, file, project) : file);
  return [
    ...writeFlags({
      ...(logLevel && { logLevel }),
      ...others,
      // Among what `tsc` wrote, its `paths` lead there.
      ...(tsconfig && {
        tsconfig: moved('tsconfig', tsconfig).replace(INPUT_DIR, preCompilation ? COMPILED_DIR : INPUT_DIR),
      }),
      inject: inject.map((file) => moved('inject', file)),
      alias: Object.fromEntries(Object.entries(alias).map(([name, to]) => [name, moved('alias', to)])),
    }),
    `--outfile=${OUTPUT_DIR}/index${extension}`,
    ...(settings.metafile ? [`--metafile=${OUTPUT_DIR}/index.meta.json`] : []),
  ];
}

/** Only the project is mounted: what is outside cannot be read in the container. */
function inContainer(what: string, file: string, { root }: Project): string {
  const real = fs.existsSync(file) ? fs.realpathSync(file) : file;
  const relative = path.relative(root, real);
  if (relative.startsWith('..') || path.isAbsolute(relative)) {
    throw new BundlingError(
      'OptionInvalid',
      `${what} must be inside the project to be read in a container, got '${file}'; ` +
        `the project is ${root}; name a directory above both with projectRoot`,
    );
  }
  return path.posix.join(INPUT_DIR, posix(relative));
}

/** The image of aws-cdk-lib, which has esbuild and the package managers on top of the runtime's build image. */
function imageFor(settings: BuildSettings, options: StreamingBundlingOptions): DockerImage {
  if (options.dockerImage) return options.dockerImage;
  const runtime = new lambda.Runtime(settings.runtimeName, lambda.RuntimeFamily.NODEJS);
  const directory = path.join(path.dirname(require.resolve('aws-cdk-lib/aws-lambda-nodejs')), 'lib');
  const buildArgs: Record<string, string> = { ...options.buildArgs, IMAGE: runtime.bundlingImage.image };
  if (options.esbuildVersion) buildArgs['ESBUILD_VERSION'] = options.esbuildVersion;
  return DockerImage.fromBuild(directory, {
    buildArgs,
    platform: options.platform ?? settings.platform,
    network: options.network,
  });
}

/** Files must belong to whoever synthesizes, not to root. */
function currentUser(): string | undefined {
  return process.getuid && process.getgid ? `${process.getuid()}:${process.getgid()}` : undefined;
}

function shellLine(words: readonly string[]): string {
  return words.map(quote).join(' ');
}

function quote(argument: string): string {
  return `'${argument.replaceAll("'", "'\\''")}'`;
}

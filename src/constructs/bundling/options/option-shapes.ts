/** What each bundling option may be. From JavaScript it may be anything, which esbuild and Node.js would blame on us. */
import type * as nodejs from 'aws-cdk-lib/aws-lambda-nodejs';
import type { BundlingFileAccess } from 'aws-cdk-lib/core';
import type { StreamingBundlingOptions } from '../../streaming-bundling-options';
import { field } from '../bundling-error';

/** A test for a value, and what passes it in words. */
export interface Shape {
  readonly words: string;
  fits(value: unknown): boolean;
}

/** Their values as literals: `aws-lambda-nodejs` would be loaded for nothing but these. */
const FORMATS: `${nodejs.OutputFormat}`[] = ['cjs', 'esm'];
const CHARSETS: `${nodejs.Charset}`[] = ['ascii', 'utf8'];
const MAP_MODES: `${nodejs.SourceMapMode}`[] = ['default', 'external', 'inline', 'both'];
const FILE_ACCESS: `${BundlingFileAccess}`[] = ['VOLUME_COPY', 'BIND_MOUNT'];
const LOG_LEVELS: `${nodejs.LogLevel}`[] = ['verbose', 'debug', 'info', 'warning', 'error', 'silent'];

const isText = (value: unknown): value is string => typeof value === 'string';
const isSwitch = (value: unknown): value is boolean => typeof value === 'boolean';

const YES_NO: Shape = { words: 'true or false', fits: isSwitch };
const TEXT: Shape = { words: 'a string', fits: isText };
const PATH: Shape = { words: 'a path, as a string', fits: (value) => isText(value) && value !== '' };

function oneOf(values: readonly string[]): Shape {
  return {
    words: values.map((value) => `'${value}'`).join(' or '),
    fits: (value) => isText(value) && values.includes(value),
  };
}

function list(example: string): Shape {
  return {
    words: `a list of strings, such as ${example}`,
    fits: (value) => Array.isArray(value) && value.every(isText),
  };
}

function map(words: string, fits: (value: unknown) => boolean = isText): Shape {
  return {
    words,
    fits: (value) =>
      typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(fits),
  };
}

/** By what it can do: an object of another copy of the framework, or of another language, will do. */
function withMethods(words: string, ...methods: readonly string[]): Shape {
  return { words, fits: (value) => methods.every((method) => typeof field(value, method) === 'function') };
}

export const OPTION_SHAPES: Readonly<Record<keyof StreamingBundlingOptions, Shape>> = {
  assetHash: TEXT,
  banner: TEXT,
  buildArgs: map("an object of strings, such as { HTTPS_PROXY: 'http://…' }"),
  bundleAwsSDK: YES_NO,
  bundlingFileAccess: oneOf(FILE_ACCESS),
  cache: YES_NO,
  charset: oneOf(CHARSETS),
  command: list("['bash', '-c', '…']"),
  commandHooks: withMethods(
    'an object with the functions beforeBundling, beforeInstall and afterBundling',
    'beforeBundling',
    'beforeInstall',
    'afterBundling',
  ),
  conditions: list("['worker']"),
  define: map('an object of strings that are JavaScript, such as { STAGE: JSON.stringify(stage) }'),
  depsLockFilePath: PATH,
  dockerImage: withMethods("a DockerImage, such as DockerImage.fromRegistry('…')", 'run'),
  eager: YES_NO,
  entrypoint: list("['/bin/sh', '-c']"),
  environment: map("an object of strings, such as { NODE_ENV: 'production' }"),
  esbuildArgs: map(
    "an object of flags with strings or booleans, such as { '--log-limit': '0', '--tree-shaking': true }",
    (value) => isText(value) || isSwitch(value),
  ),
  esbuildVersion: TEXT,
  externalModules: list("['@aws-sdk/*']"),
  footer: TEXT,
  forceDockerBundling: YES_NO,
  format: oneOf(FORMATS),
  inject: list("['./shim.ts']"),
  keepNames: YES_NO,
  loader: map("an object of loaders by extension, such as { '.txt': 'text' }"),
  logLevel: oneOf(LOG_LEVELS),
  mainFields: list("['module', 'main']"),
  metafile: YES_NO,
  minify: YES_NO,
  network: TEXT,
  nodeModules: list("['sharp']"),
  platform: TEXT,
  preCompilation: YES_NO,
  projectRoot: PATH,
  requireBanner: YES_NO,
  runtime: { words: 'a Runtime, such as lambda.Runtime.NODEJS_22_X', fits: (value) => isText(field(value, 'name')) },
  securityOpt: TEXT,
  sizeBudget: withMethods('a Size, such as Size.kibibytes(200)', 'toBytes', 'isUnresolved'),
  sourceMap: YES_NO,
  sourceMapMode: oneOf(MAP_MODES),
  sourcesContent: YES_NO,
  target: TEXT,
  tsconfig: PATH,
  user: TEXT,
  volumes: {
    words: "a list of volumes, such as [{ hostPath: '/a', containerPath: '/b' }]",
    fits: (value) =>
      Array.isArray(value) &&
      value.every((item) => isText(field(item, 'hostPath')) && isText(field(item, 'containerPath'))),
  },
  volumesFrom: list("['container']"),
  workingDirectory: PATH,
};

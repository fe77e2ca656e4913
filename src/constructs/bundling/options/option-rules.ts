/** What each bundling option may be. From JavaScript it may be anything, which esbuild and Node.js would blame on us. */
import type * as nodejs from 'aws-cdk-lib/aws-lambda-nodejs';
import type { BundlingFileAccess } from 'aws-cdk-lib/core';
import { isObject } from '../../../base/is-object';
import { BOOLEAN, isFunction, isNonEmptyString, isString, oneOf, type Rule } from '../../../base/option-problem';
import type { StreamingBundlingOptions } from '../../streaming-bundling-options';
import { field } from '../failures';

/** Their values as literals: `aws-lambda-nodejs` would be loaded for nothing but these. */
const FORMATS: `${nodejs.OutputFormat}`[] = ['cjs', 'esm'];
const CHARSETS: `${nodejs.Charset}`[] = ['ascii', 'utf8'];
const MAP_MODES: `${nodejs.SourceMapMode}`[] = ['default', 'external', 'inline', 'both'];
const FILE_ACCESS: `${BundlingFileAccess}`[] = ['VOLUME_COPY', 'BIND_MOUNT'];
const LOG_LEVELS: `${nodejs.LogLevel}`[] = ['verbose', 'debug', 'info', 'warning', 'error', 'silent'];

/** Empty ones count as left out, as for `NodejsFunction`. */
const TEXT: Rule = { allowed: 'a string', fits: isString };
const PATH: Rule = { allowed: 'a path, as a string', fits: isNonEmptyString };

function list(example: string): Rule {
  return {
    allowed: `a list of strings, such as ${example}`,
    fits: (value) => Array.isArray(value) && value.every(isString),
  };
}

function map(allowed: string, fits: (value: unknown) => boolean = isString): Rule {
  return { allowed, fits: (value) => isObject(value) && Object.values(value).every(fits) };
}

/** By what it can do: an object of another copy of the framework, or of another language, is accepted. */
function withMethods(allowed: string, ...methods: readonly string[]): Rule {
  return { allowed, fits: (value) => methods.every((method) => isFunction(field(value, method))) };
}

export const OPTION_RULES: Readonly<Record<keyof StreamingBundlingOptions, Rule>> = {
  assetHash: TEXT,
  banner: TEXT,
  buildArgs: map("an object of strings, such as { HTTPS_PROXY: 'http://…' }"),
  bundleAwsSDK: BOOLEAN,
  bundlingFileAccess: oneOf(...FILE_ACCESS),
  cache: BOOLEAN,
  charset: oneOf(...CHARSETS),
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
  eager: BOOLEAN,
  entrypoint: list("['/bin/sh', '-c']"),
  environment: map("an object of strings, such as { NODE_ENV: 'production' }"),
  esbuildArgs: map(
    "an object of flags with strings or booleans, such as { '--log-limit': '0', '--tree-shaking': true }",
    (value) => isString(value) || BOOLEAN.fits(value),
  ),
  esbuildVersion: TEXT,
  externalModules: list("['@aws-sdk/*']"),
  footer: TEXT,
  forceDockerBundling: BOOLEAN,
  format: oneOf(...FORMATS),
  inject: list("['./shim.ts']"),
  keepNames: BOOLEAN,
  loader: map("an object of loaders by extension, such as { '.txt': 'text' }"),
  logLevel: oneOf(...LOG_LEVELS),
  mainFields: list("['module', 'main']"),
  metafile: BOOLEAN,
  minify: BOOLEAN,
  network: TEXT,
  nodeModules: list("['sharp']"),
  platform: TEXT,
  preCompilation: BOOLEAN,
  projectRoot: PATH,
  requireBanner: BOOLEAN,
  runtime: {
    allowed: 'a Runtime, such as lambda.Runtime.NODEJS_22_X',
    fits: (value) => isString(field(value, 'name')),
  },
  securityOpt: TEXT,
  sizeBudget: withMethods('a Size, such as Size.kibibytes(200)', 'toBytes', 'isUnresolved'),
  sourceMap: BOOLEAN,
  sourceMapMode: oneOf(...MAP_MODES),
  sourcesContent: BOOLEAN,
  target: TEXT,
  tsconfig: PATH,
  user: TEXT,
  volumes: {
    allowed: "a list of volumes, such as [{ hostPath: '/a', containerPath: '/b' }]",
    fits: (value) =>
      Array.isArray(value) &&
      value.every((item) => isString(field(item, 'hostPath')) && isString(field(item, 'containerPath'))),
  },
  volumesFrom: list("['container']"),
  workingDirectory: PATH,
};

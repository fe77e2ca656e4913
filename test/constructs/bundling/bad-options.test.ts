/** What a caller from JavaScript may get wrong, and what they are told. */
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Charset, LogLevel, OutputFormat, SourceMapMode } from 'aws-cdk-lib/aws-lambda-nodejs';
import * as sns from 'aws-cdk-lib/aws-sns';
import { BundlingFileAccess, DockerImage, Fn, Lazy, Size, Token } from 'aws-cdk-lib/core';
import { checkOptions } from '../../../src/constructs/bundling/options/check-options';
import type { StreamingBundlingOptions } from '../../../src/constructs/streaming-bundling-options';
import { StreamingCode } from '../../../src/constructs/streaming-code';
import { newStack, Project, removeProjects, streamingFunction } from './project';

afterAll(removeProjects);

const project = Project.create({ 'src/handler.ts': 'export const handler = () => 1;' });
const entry = project.path('src/handler.ts');

const define = (options: unknown) => () =>
  streamingFunction(newStack(), 'Fn', entry, options as StreamingBundlingOptions);

/** The type keeps this complete: an option that is not listed does not compile. */
const EVERY_OPTION: Required<StreamingBundlingOptions> = {
  assetHash: 'v1',
  banner: '/* */',
  buildArgs: { A: '1' },
  bundleAwsSDK: true,
  bundlingFileAccess: BundlingFileAccess.BIND_MOUNT,
  cache: false,
  charset: Charset.UTF8,
  command: ['true'],
  commandHooks: { beforeBundling: () => [], beforeInstall: () => [], afterBundling: () => [] },
  conditions: ['worker'],
  define: { A: '1' },
  depsLockFilePath: 'package-lock.json',
  dockerImage: DockerImage.fromRegistry('image'),
  eager: false,
  entrypoint: ['sh'],
  environment: { A: '1' },
  esbuildArgs: { '--minify': true, '--log-limit': '0' },
  esbuildVersion: '0.25',
  externalModules: [],
  footer: '',
  forceDockerBundling: false,
  format: OutputFormat.ESM,
  inject: ['./shim.ts'],
  keepNames: false,
  loader: { '.txt': 'text' },
  logLevel: LogLevel.VERBOSE,
  mainFields: ['main'],
  metafile: false,
  minify: true,
  network: 'host',
  nodeModules: ['sharp'],
  platform: 'linux/arm64',
  preCompilation: false,
  projectRoot: '.',
  requireBanner: true,
  runtime: lambda.Runtime.NODEJS_LATEST,
  securityOpt: 'no-new-privileges',
  sizeBudget: Size.kibibytes(1),
  sourceMap: true,
  sourceMapMode: SourceMapMode.BOTH,
  sourcesContent: true,
  target: 'es2022',
  tsconfig: 'tsconfig.json',
  user: 'user',
  volumes: [{ hostPath: '/a', containerPath: '/b' }],
  volumesFrom: ['other'],
  workingDirectory: '/w',
};

test('every option is known, by its proper values', () => {
  expect(() => checkOptions(newStack(), EVERY_OPTION)).not.toThrow();
});

test.each(Object.keys(EVERY_OPTION))('%s is refused when it is nothing it could be', (name) => {
  for (const value of [null, 5, Symbol('nothing')]) {
    expect(() => checkOptions(newStack(), { [name]: value })).toThrow(`the bundling option ${name} must be `);
  }
});

test.each<[unknown, string]>([
  [{ minify: 'yes' }, "option minify must be true or false, got 'yes'"],
  [{ eager: 'false' }, "option eager must be true or false, got 'false'"],
  [{ format: 'ESM' }, "option format must be 'cjs' or 'esm', got 'ESM'"],
  [{ format: 'iife' }, "option format must be 'cjs' or 'esm', got 'iife'"],
  [
    { externalModules: 'lodash' },
    "option externalModules must be a list of strings, such as ['@aws-sdk/*'], got 'lodash'",
  ],
  [{ externalModules: [1] }, 'got [1]'],
  [{ define: { A: 1 } }, 'such as { STAGE: JSON.stringify(stage) }, got { A }'],
  [{ runtime: 'nodejs22.x' }, "option runtime must be a Runtime, such as lambda.Runtime.NODEJS_22_X, got 'nodejs22.x'"],
  [{ sizeBudget: 100 }, 'option sizeBudget must be a Size, such as Size.kibibytes(200), got 100'],
  [{ commandHooks: {} }, 'option commandHooks must be an object with the functions beforeBundling, beforeInstall and'],
  [{ esbuildArgs: ['--minify'] }, 'option esbuildArgs must be an object of flags with strings or booleans'],
  [{ minfy: true }, "there is no bundling option 'minfy'; did you mean 'minify'?"],
  [{ esbuildPlugins: [] }, "there is no bundling option 'esbuildPlugins'; there are assetHash, banner, "],
  [{ plugins: [] }, "there is no bundling option 'plugins': plugins are functions"],
  ['minify', "bundling options must be an object, got 'minify'"],
  [null, 'bundling options must be an object, got null'],
  [[], 'bundling options must be an object, got []'],
])('%p: says what is allowed, with the construct path', (options, message) => {
  expect(define(options)).toThrow(message);
  expect(define(options)).toThrow(/^cannot bundle 'Stack\/Fn': /);
});

test('all that is wrong is said at once', () => {
  expect(define({ minify: 'yes', keepNames: 'false', minfy: true })).toThrow(
    /^cannot bundle 'Stack\/Fn':\n {2}- there is no bundling option 'minfy'.*\n {2}- the bundling option keepNames.*\n {2}- the bundling option minify/,
  );
});

describe('tokens', () => {
  const arn = () => new sns.Topic(newStack(), 'Topic').topicArn;

  const FROM_ENVIRONMENT = 'pass the value as an environment variable of the function';
  const KNOWN = 'pass a value that is known at synth';

  test.each<[string, unknown, string?]>([
    ["define['TOPIC']", { define: { TOPIC: JSON.stringify(arn()) } }],
    ["define['TOPIC']", { define: { TOPIC: JSON.stringify({ arns: Token.asList(Fn.split(',', arn())) }) } }],
    ["define['TOPIC']", { define: { TOPIC: JSON.stringify({ size: Token.asNumber(Fn.importValue('x')) }) } }],
    ['banner', { banner: `/* ${arn()} */` }],
    ['assetHash', { assetHash: arn() }, KNOWN],
    ["environment['ARN']", { environment: { ARN: arn() } }],
    ['externalModules[1]', { externalModules: ['a', arn()] }, KNOWN],
    ['externalModules', { externalModules: Lazy.list({ produce: () => [] }) }, KNOWN],
    ["esbuildArgs['--define:ARN']", { esbuildArgs: { '--define:ARN': arn() } }],
    ['minify', { minify: Lazy.any({ produce: () => true }) }, KNOWN],
    ['sizeBudget', { sizeBudget: Size.bytes(Lazy.number({ produce: () => 1 })) }, KNOWN],
  ])('in %s are refused, with what to do instead', (where, options, instead = FROM_ENVIRONMENT) => {
    expect(define(options)).toThrow(
      `cannot bundle 'Stack/Fn': the bundling option ${where} is a token, whose value is known at deployment only`,
    );
    expect(define(options)).toThrow(`when the bundle is long made; ${instead}`);
  });

  test('are refused as an entry too', () => {
    expect(() => StreamingCode.fromEntry(`${arn()}.ts`)).toThrow(
      /^entry is a token, .* pass a value that is known at synth$/,
    );
  });

  test('a large negative number is none', () => {
    expect(define({ define: { A: '-1.5e+289', B: '-3e+289' } })).not.toThrow();
  });
});

test.each<[unknown, string]>([
  [undefined, 'entry must be the path of a file, as a string, got undefined'],
  [null, 'got null'],
  [5, 'got 5'],
  [['handler.ts'], "got ['handler.ts']"],
  [new URL('file:///handler.ts'), 'fileURLToPath() of node:url makes one of a URL'],
  ['handler.d.ts', "entry must be a file with code, got one with declarations only: 'handler.d.ts'"],
  ['file:///handler.ts', "entry must be a path, got the URL 'file:///handler.ts'; fileURLToPath()"],
  ['', "entry must be a JavaScript or TypeScript file (.ts, .tsx, .mts, .cts, .js, .jsx, .mjs, .cjs), got ''"],
])('entry %p: says what is allowed', (value, message) => {
  expect(() => StreamingCode.fromEntry(value as string)).toThrow(message);
});

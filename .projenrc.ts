import { awscdk, IgnoreFile, javascript, typescript } from 'projen';
import * as is from './projenrc/decisions';
import { OptionalPeers } from './projenrc/optional-peers';
import { SubpathExports } from './projenrc/subpath-exports';
import { Tasks } from './projenrc/tasks';
import { BuildWorkflow } from './projenrc/workflow';

const project = new awscdk.AwsCdkConstructLibrary({
  name: 'cdk-lambda-streaming',
  description: 'AWS CDK constructs, a typed invoker and a local target for AWS Lambda response streaming',
  author: 'The cdk-lambda-streaming authors',
  authorAddress: 'https://github.com/cdk-lambda-streaming',
  repositoryUrl: 'https://github.com/cdk-lambda-streaming/cdk-lambda-streaming.git',
  license: 'Apache-2.0',
  stability: 'experimental',
  keywords: [
    'aws-cdk',
    'awscdk',
    'lambda',
    'streaming',
    'response-streaming',
    'invoke-with-response-stream',
    'server-sent-events',
    'function-url',
    'cross-account',
    'local-testing',
  ],

  packageManager: javascript.NodePackageManager.NPM,
  defaultReleaseBranch: 'main',
  cdkVersion: is.CDK_VERSION,
  constructsVersion: is.CONSTRUCTS_VERSION,
  jsiiVersion: is.JSII_VERSION,
  typescriptVersion: is.JSII_VERSION,
  minNodeVersion: is.NODE_VERSION,
  workflowNodeVersion: '22',
  devDeps: is.DEV_DEPS,
  projenrcTs: true,
  projenrcTsOptions: { runner: typescript.TypeScriptRunner.tsx() },

  publishToPypi: { distName: 'cdk-lambda-streaming', module: 'cdk_lambda_streaming' },
  publishToMaven: {
    javaPackage: 'io.github.cdklambdastreaming',
    mavenGroupId: 'io.github.cdklambdastreaming',
    mavenArtifactId: 'cdk-lambda-streaming',
  },
  publishToGo: { moduleName: 'github.com/cdk-lambda-streaming/cdk-lambda-streaming-go' },
  publishToNuget: { dotNetNamespace: 'CdkLambdaStreaming', packageId: 'CdkLambdaStreaming' },

  jestOptions: {
    updateSnapshot: javascript.UpdateSnapshot.NEVER,
    junitReporting: false,
    jestConfig: {
      collectCoverage: false,
      setupFiles: ['<rootDir>/build-tools/jest-seed.cjs'],
      globalSetup: '<rootDir>/build-tools/jest-temporary-folder.cjs',
      globalTeardown: '<rootDir>/build-tools/jest-temporary-folder-end.cjs',
      maxWorkers: '100%',
      // A guard against hangs, not a measure: a busy machine must not fail a test.
      testTimeout: 180_000,
      // Holds a staged package of the same name.
      modulePathIgnorePatterns: ['<rootDir>/dist/'],
      testPathIgnorePatterns: ['/node_modules/', '/examples/.*/cdk.out/', '/compat/'],
      moduleNameMapper: {
        '^cdk-lambda-streaming$': '<rootDir>/src/index.ts',
        '^cdk-lambda-streaming/(contract|handler|web|invoker|fetcher|local|testing)$': '<rootDir>/src/$1/index.ts',
      },
    },
  },
  eslint: false,
  biome: true,
  biomeOptions: {
    version: is.BIOME_VERSION,
    biomeConfig: {
      files: { includes: ['**', '!**/*.snapshot', '!**/cdk.out', '!assets', '!**/*.json', '!**/fixtures/**/broken*'] },
      formatter: {
        indentStyle: javascript.biome_config.IndentStyle.SPACE,
        lineWidth: 120,
      },
      javascript: { formatter: { quoteStyle: javascript.biome_config.QuoteStyle.SINGLE } },
      // Plain JavaScript has no visibility to state.
      overrides: [
        {
          includes: ['**/*.mjs', '**/*.cjs', '**/*.js'],
          linter: { rules: { style: { useConsistentMemberAccessibility: 'off' } } },
        },
      ],
      linter: {
        rules: {
          complexity: { useLiteralKeys: 'off' },
          suspicious: { noConsole: 'off', noEmptyBlockStatements: 'error' },
          style: {
            useImportType: 'error',
            noNonNullAssertion: 'error',
            useNodejsImportProtocol: 'error',
            useConsistentMemberAccessibility: { level: 'error', options: { accessibility: 'explicit' } },
          },
        },
      },
    },
  },

  sampleCode: false,
  release: false,
  depsUpgrade: false,
  pullRequestTemplate: false,
  githubOptions: { mergify: false, pullRequestLint: false },
  buildWorkflow: false,
  lambdaAutoDiscover: false,
  edgeLambdaAutoDiscover: false,
  singletonLambdaAutoDiscover: false,
  lambdaExtensionAutoDiscover: false,
  integrationTestAutoDiscover: false,
  gitignore: ['cdk.out', '.jsii.tabl.json', 'assets', '.cache', '*.tgz', 'cdk.context.json'],
  npmignoreEnabled: false,
});

// Tests, examples, integ apps and benches import the library by its public names, straight from the sources.
const dev = project.tsconfigDev;
for (const folder of ['integ', 'bench', 'test-slow']) dev.addInclude(`../${folder}/**/*.ts`);
// The others have packages of their own; examples/tsconfig.json checks them all.
for (const files of ['*.ts', 'browser-stream/**/*.ts', 'flight-export/**/*.ts']) dev.addInclude(`../examples/${files}`);
dev.addExclude('../**/cdk.out');
dev.addExclude('../test-slow/package/consumer');
dev.addExclude('**/fixtures');
dev.file.addOverride('compilerOptions.paths', {
  'cdk-lambda-streaming': ['../src/index.ts'],
  'cdk-lambda-streaming/*': ['../src/*/index.ts'],
});

// projen would have ts-jest compile the tests, which takes twenty times as long; `npm run typecheck` knows their types.
if (project.jest === undefined) throw new Error('the tests have no jest');
Object.assign(project.jest.config, {
  id: 'cdk-lambda-streaming', // names the cache, for every configuration that is made of this one
  transform: { '\\.ts$': '<rootDir>/build-tools/jest-typescript.cjs' },
  runtime: '<rootDir>/build-tools/jest-runtime.cjs',
  testSequencer: '<rootDir>/build-tools/jest-sequencer.cjs',
});
project.deps.removeDependency('ts-jest');

// Maps inside each file make up seven tenths of `lib`, which every user installs and every process reads.
for (const option of ['inlineSourceMap', 'inlineSources']) {
  project.tsconfig?.file.addOverride(`compilerOptions.${option}`, false);
}

// Node.js 20 serves jsii and the SDK well; their notices on every command would drown what matters.
project.tasks.addEnvironment('AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED', 'true');
project.tasks.addEnvironment('JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION', '20');
// Lets a user's bundler drop what a handler does not use.
project.package.addField('sideEffects', false);
project.package.addPackageResolutions(`unrs-resolver@${is.UNRS_RESOLVER_VERSION}`);
// Packing here would publish the repository's manifest; `build-tools/pack.mjs` stages another.
new IgnoreFile(project, '.npmignore').addPatterns('*');
project.gitattributes.addAttributes('/docs/api/**', 'linguist-generated');
new SubpathExports(project, is.SUBPATHS);
project.addBins({ 'cdk-lambda-streaming': 'lib/cli/main.js' });
new OptionalPeers(project, is.OPTIONAL_PEERS);
new Tasks(project);
new BuildWorkflow(project, ['20', '22', '24']);

project.synth();

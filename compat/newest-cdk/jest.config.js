/** The construct tests again, with aws-cdk-lib and constructs taken from this folder's node_modules. */
const { jest: project } = require('../../package.json');

/** What a newer CDK cannot change: esbuild and its output, package managers, the cache (whose processes load the oldest CDK anyway). */
const WITHOUT_CDK = [
  'build/',
  'cache/',
  'files/',
  'compiled.test.ts',
  'determinism.test.ts',
  'entry-from-modules.test.ts',
  'handler-warning.test.ts',
  'never-stale.test.ts',
  'node-modules.test.ts',
].map((path) => `/test/constructs/bundling/${path.replace('.', '[.]')}`);

module.exports = {
  ...project,
  rootDir: '../..',
  testMatch: ['<rootDir>/test/constructs/**/*.test.ts'],
  testPathIgnorePatterns: [...project.testPathIgnorePatterns, ...WITHOUT_CDK],
  moduleNameMapper: {
    ...project.moduleNameMapper,
    '^(aws-cdk-lib|constructs)(/.*)?$': '<rootDir>/compat/newest-cdk/node_modules/$1$2',
  },
};

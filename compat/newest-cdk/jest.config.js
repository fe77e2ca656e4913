/** The construct tests again, with aws-cdk-lib and constructs taken from this folder's node_modules. */
const { jest: project } = require('../../package.json');

module.exports = {
  ...project,
  rootDir: '../..',
  testMatch: ['<rootDir>/test/constructs/**/*.test.ts'],
  moduleNameMapper: {
    ...project.moduleNameMapper,
    '^(aws-cdk-lib|constructs)(/.*)?$': '<rootDir>/compat/newest-cdk/node_modules/$1$2',
  },
};

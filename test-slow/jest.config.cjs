// The suites that need more than seconds: other Node.js and package versions, browsers, languages, mutations.
const { jest } = require('../package.json');

module.exports = {
  ...jest,
  rootDir: '..',
  testMatch: ['<rootDir>/test-slow/**/*.test.ts'],
  testTimeout: 240_000,
};

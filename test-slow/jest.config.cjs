// The suites that need more than seconds: other Node.js and package versions, browsers, languages, mutations.
const { availableParallelism } = require('node:os');
const { jest } = require('../package.json');

// Every npm below takes what is in its cache as it is, and asks the registry for the rest.
process.env.npm_config_prefer_offline = 'true';

module.exports = {
  ...jest,
  rootDir: '..',
  testMatch: ['<rootDir>/test-slow/**/*.test.ts'],
  testSequencer: '<rootDir>/test-slow/sequencer.cjs',
  // A guard against hangs, not a measure: a busy machine, or a slow registry, must not fail a test.
  testTimeout: 600_000,
  // Two more than there are cores: tests here wait for the registry, for disks, and for clocks of the clients they play.
  // With one more, 27 of 100 parts of two cores were idle.
  maxWorkers: availableParallelism() + 2,
};

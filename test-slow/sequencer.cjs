// The order of the slow suites: the longest first, by medians of several runs on two cores.
const longestFirst = require('../build-tools/longest-first.cjs');

module.exports = longestFirst(
  [
    'package/bundlers',
    'package/consumer',
    'constructs/newest-cdk',
    'invoker/versions',
    'web/clients',
    'bundling/never-stale',
    'examples/examples',
    'local/cdk-cli',
    'handler/typescript-versions',
    'bundling/synth-anywhere',
    'local/damaged-assembly',
    'web/frameworks',
    'bundling/nodejs-function-parity',
    'constructs/languages',
    'constructs/integ-runner',
    'invoker/large-response',
    'demo/interrupt',
    'fetcher/example-page',
    'local/many-invocations',
    'contract/decoder-fuzz',
    'bundling/package-managers',
    'local/aws-cli',
    'local/other-clients',
    'local/iam-random',
  ].map((name) => `/test-slow/${name}.test.ts`),
);

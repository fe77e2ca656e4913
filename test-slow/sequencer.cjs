// Long suites first: jest knows no durations on a bare machine, and a long suite that starts last runs alone.
const { default: Sequencer } = require('@jest/test-sequencer');

/** From a run on two cores, the longest first; all others take less than any of these. */
const LONGEST = [
  'package/bundlers',
  'constructs/newest-cdk',
  'web/clients',
  'package/consumer',
  'demo/interrupt',
  'invoker/versions',
  'bundling/never-stale',
  'examples/examples',
  'bundling/synth-anywhere',
  'handler/typescript-versions',
  'bundling/package-managers',
  'invoker/large-response',
  'local/cdk-cli',
  'bundling/nodejs-function-parity',
  'web/frameworks',
].map((name) => `/test-slow/${name}.test.ts`);

const place = ({ path }) => {
  const found = LONGEST.findIndex((end) => path.replaceAll('\\', '/').endsWith(end));
  return found === -1 ? LONGEST.length : found;
};

module.exports = class extends Sequencer {
  sort(tests) {
    // Stable: the others stay as jest has them.
    return [...super.sort(tests)].sort((a, b) => place(a) - place(b));
  }
};

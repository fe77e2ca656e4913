// An order of test files for jest: the longest first. Jest knows no durations on a bare machine, where it takes the largest files
// first, and a long one that starts last runs alone.
const { default: Sequencer } = require('@jest/test-sequencer');

/** The sequencer that has these files first, by their ends; the others stay as jest has them. */
module.exports = (longest) => {
  const place = ({ path }) => {
    const found = longest.findIndex((end) => path.replaceAll('\\', '/').endsWith(end));
    return found === -1 ? longest.length : found;
  };
  return class extends Sequencer {
    sort(tests) {
      return [...super.sort(tests)].sort((a, b) => place(a) - place(b));
    }
  };
};

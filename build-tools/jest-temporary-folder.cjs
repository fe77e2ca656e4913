// Gives a test run a temporary folder of its own, and removes it with all that synths and bundles left in it.
const { mkdtempSync, realpathSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

module.exports = async () => {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'streaming-tests-'));
  process.env.TMPDIR = folder; // what os.tmpdir() reads, in this process and in jest's workers
  globalThis.__temporaryFolder = folder;
};

// The other half of jest-temporary-folder.cjs.
const { rmSync } = require('node:fs');

module.exports = async () => {
  rmSync(globalThis.__temporaryFolder, { recursive: true, force: true, maxRetries: 3 });
};

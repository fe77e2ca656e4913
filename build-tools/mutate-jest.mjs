// Jest for mutate.mjs: says for each list of tests that it is sent whether they pass, again and again in one process.
import { runCLI } from 'jest';

const { TMPDIR } = process.env;

// Whoever asked is gone, perhaps killed.
process.on('disconnect', () => process.exit());
process.on('message', async (tests) => {
  // Each run gives itself a temporary folder in that of its environment, and removes it.
  if (TMPDIR === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = TMPDIR;
  const options = { _: tests, $0: 'jest', ci: true, bail: 1, silent: true, runInBand: true, reporters: [] };
  const { results } = await runCLI(options, [process.cwd()]);
  process.send(results.success && results.numPassedTests > 0);
});

// Property tests draw the same values in each run, so that a change is judged by its own merits.
// To look for new counterexamples: FAST_CHECK_SEED=random npm test (or a number, to see one again).
const { configureGlobal } = require('fast-check');

const asked = process.env.FAST_CHECK_SEED ?? '20261122';
if (asked !== 'random') configureGlobal({ seed: Number(asked) });

/** Traces as the runtime client writes them; that all of them are met is tested by functions that fail, on the command line. */
import { withoutRuntimeFrames } from '../../../src/local/runtime/runtime-frames';

const OURS = 'file:///home/a b/node_modules/cdk-lambda-streaming/assets/ric/with-callbacks.mjs:1121:34';
const THEIRS = '/tmp/lambda-code/index.js:1:28';

test.each([
  ['a line that is one', `    at StreamingInvokeProcessor.processInvoke (${OURS})`, undefined],
  ['a line without a name', `    at async ${OURS}`, undefined],
  [
    'a text',
    `TypeError: x\n    at f (${THEIRS})\n    at g (${OURS})\n    at async ${OURS}`,
    `TypeError: x\n    at f (${THEIRS})`,
  ],
  [
    'an array in JSON',
    JSON.stringify({ stack: ['E: x', `    at a (${OURS})`, `    at f (${THEIRS})`, `    at ${OURS}`], level: 1 }),
    JSON.stringify({ stack: ['E: x', `    at f (${THEIRS})`], level: 1 }),
  ],
  [
    'a text in JSON',
    JSON.stringify({ stack: `E: x\n    at f (${THEIRS})\n    at g (${OURS})`, more: 'y' }),
    JSON.stringify({ stack: `E: x\n    at f (${THEIRS})`, more: 'y' }),
  ],
  [
    'what was required by whom',
    'Require stack:\n- /home/me/cdk-lambda-streaming/assets/ric/with-callbacks.mjs',
    'Require stack:\n- /var/runtime/index.mjs',
  ],
  ["folders of the function's own", `at /tmp/code/assets/index.mjs:1:1`, `at /tmp/code/assets/index.mjs:1:1`],
])('%s', (_, text, left) => {
  expect(withoutRuntimeFrames(text)).toBe(left);
});

test('a word of megabytes takes no longer than others', () => {
  const long = `${'x'.repeat(4_000_000)} in /tmp/assets/`;
  expect(withoutRuntimeFrames(long)).toBe(long);
});

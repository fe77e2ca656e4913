/** A test fixture for jest, vitest and their like: stacks that are deployed once a file, and the functions' log where a test fails. */
import { isObject } from '../base/is-object';
import { isFunction } from '../base/option-problem';
import { isLocalConfigError } from '../local';
import {
  deployStreamTestStack,
  type StreamTestDeployment,
  type StreamTestDeploymentOptions,
} from './stream-test-deployment';

/**
 * Registers a test that gets the deployed stacks. A failure shows what the functions logged since the test began.
 * `timeoutMs` is that of the runner's `test()`.
 */
export type StreamTestFunction = (
  name: string,
  body: (stack: StreamTestDeployment) => Promise<void> | void,
  timeoutMs?: number,
) => void;

/** What `streamTest()` gives. */
export interface StreamTest extends StreamTestFunction {
  /** As `test.only()`. */
  readonly only: StreamTestFunction;
  /** As `test.skip()`. */
  readonly skip: StreamTestFunction;
}

type Register = (name: string, body: () => Promise<void>, timeoutMs?: number) => unknown;
type Hook = (body: () => Promise<void> | void, timeoutMs?: number) => unknown;

/** What of a test runner the fixture needs: these functions of jest or vitest. */
export interface StreamTestRunner {
  readonly test: Register & { readonly only: Register; readonly skip: Register };
  readonly beforeAll: Hook;
  readonly afterEach: Hook;
  readonly afterAll: Hook;
}

/** Longer than a stack of functions takes on AWS. */
const DEPLOYMENT_TIMEOUT_MS = 15 * 60_000;
/** Of the log that a failure shows. */
const LOG_LINES_MAX = 100;

/**
 * A `test()` with deployed stacks: they are deployed before the first test of the file, by `deployStreamTestStack()`, and
 * stopped after the last one. What the functions logged is shown with the failure of a test, also where it ran out of time;
 * on AWS it is in CloudWatch.
 *
 *     const chatTest = streamTest(() => ({ assembly: app }));
 *     chatTest('streams', async (stack) => { … });
 *
 * @param options what is deployed, or what makes it, such as `app.synth()`; that is then called before the first test
 * @param runner functions of the test runner. @default - the global ones, which vitest has with `test.globals` only
 * @throws TypeError where there are none
 */
export function streamTest(
  options: StreamTestDeploymentOptions | (() => StreamTestDeploymentOptions | Promise<StreamTestDeploymentOptions>),
  runner: StreamTestRunner = globalRunner(),
): StreamTest {
  let deployment: StreamTestDeployment | undefined;
  let running: string | undefined;
  const log: LogLine[] = [];

  runner.beforeAll(async () => {
    const given = typeof options === 'function' ? await options() : options;
    deployment = await deployStreamTestStack(withLog(given, log));
  }, DEPLOYMENT_TIMEOUT_MS);
  runner.afterEach(() => {
    if (running === undefined) return;
    // A test that ran out of time has thrown nothing that could carry the log: what is thrown here belongs to its failure.
    const message = [`'${running}' had not ended. ${excerpt(log)}`, ...warningsOf(deployment)].join('\n\n');
    running = undefined;
    throw Object.assign(new Error(message), { stack: message });
  });
  runner.afterAll(async () => deployment?.stop(), DEPLOYMENT_TIMEOUT_MS);

  const by =
    (register: Register): StreamTestFunction =>
    (name, body, timeoutMs) => {
      const run = async () => {
        // Where it failed, the runner has said so already, and runs no test.
        if (deployment === undefined) throw new Error('the stacks were not deployed');
        log.length = 0;
        running = name;
        try {
          await body(deployment);
        } catch (error) {
          addLog(error, [...reasonsOf(deployment, error), excerpt(log)].join('\n\n'), log);
          throw error;
        } finally {
          running = undefined;
        }
      };
      register(name, run, timeoutMs);
    };
  const { test } = runner;
  return Object.assign(by(test), { only: by(test.only), skip: by(test.skip) });
}

function globalRunner(): StreamTestRunner {
  const { test, beforeAll, afterEach, afterAll } = globalThis as Partial<StreamTestRunner>;
  if (test !== undefined && beforeAll !== undefined && afterEach !== undefined && afterAll !== undefined) {
    return { test, beforeAll, afterEach, afterAll };
  }
  throw new TypeError(
    'streamTest() finds no global test(): set test.globals of vitest, or give its functions: ' +
      'streamTest(options, { test, beforeAll, afterEach, afterAll })',
  );
}

interface LogLine {
  readonly functionName: string;
  readonly text: string;
}

function withLog(options: StreamTestDeploymentOptions, log: LogLine[]): StreamTestDeploymentOptions {
  const onLog = options?.local?.onLog;
  // What is wrong with them is said by those whom they are for.
  if (!isObject(options) || (onLog !== undefined && !isFunction(onLog))) return options;
  return {
    ...options,
    local: {
      ...options.local,
      onLog: (entry) => {
        const functionName = entry.functionArn.split(':')[6] ?? '';
        const lines = entry.message.trimEnd().split('\n');
        log.push(...lines.map((text) => ({ functionName, text })));
        onLog?.(entry);
      },
    },
  };
}

/** What else may have made a test fail: what IAM refused, and what the deployment warned of. */
function reasonsOf(deployment: StreamTestDeployment, error: unknown): string[] {
  return [...explanationOf(deployment, error), ...warningsOf(deployment)];
}

function explanationOf(deployment: StreamTestDeployment, error: unknown): string[] {
  try {
    const explanation = deployment.explain(error);
    return explanation === undefined ? [] : [`Refused: ${explanation}`];
  } catch (noRefusal) {
    if (!isLocalConfigError(noRefusal)) throw noRefusal;
    return [];
  }
}

function warningsOf(deployment: StreamTestDeployment | undefined): string[] {
  const { warnings = [] } = deployment ?? {};
  return warnings.length === 0 ? [] : [`The deployment warned:\n${warnings.map((text) => `  ${text}`).join('\n')}`];
}

function excerpt(log: readonly LogLine[]): string {
  if (log.length === 0) return 'The functions logged nothing.';
  const left = Math.max(0, log.length - LOG_LINES_MAX);
  const note = left === 0 ? '' : ` (the last ${LOG_LINES_MAX} of ${log.length} lines)`;
  const lines = log.slice(left).map(({ functionName, text }) => `  ${functionName} | ${text}`);
  return `The functions logged${note}:\n${lines.join('\n')}`;
}

/** A line of the log in the message of a `StreamError`, which has those of its own call. */
const NOTED = '  | ';

/** In place, as runners look at more of an error than its message. What the message has of the log is not said twice. */
function addLog(error: unknown, more: string, log: readonly LogLine[]): void {
  if (!isObject(error) || typeof error['message'] !== 'string') return;
  const { message, stack } = error;
  const known = new Set(log.slice(-LOG_LINES_MAX).map(({ text }) => `${NOTED}${text}`));
  const own = message.split('\n').filter((line) => !known.has(line));
  const longer = `${own.join('\n')}\n\n${more}`;
  if (typeof stack === 'string') Object.assign(error, { stack: stack.replace(message, () => longer) });
  Object.assign(error, { message: longer });
}

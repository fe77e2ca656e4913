/** Functions that fail in every way there is, and what each door of the local target tells about it. */
import { InvokeCommand } from '@aws-sdk/client-lambda';
import type { FunctionConfiguration } from '../../../src/local/state';
import { type LocalLambda, type StreamOutcome, startLocalLambda, streamOf } from './local-lambda';

interface FailingFunction {
  readonly source: string;
  readonly overrides?: Partial<FunctionConfiguration> & { readonly file?: string };
  readonly codeIsGone?: boolean;
  /** What still arrives. */
  readonly text: string;
  /** `ErrorCode` where it is reported at all. */
  readonly errorCode: string;
  readonly errorType: string;
  readonly errorMessage: RegExp;
  /** Evidence in the log tail, the only trace a real Lambda leaves. */
  readonly logged: RegExp;
}

const streaming = (body: string) =>
  `export const handler = awslambda.streamifyResponse(async (event, stream) => {${body}});`;

const CASES: Readonly<Record<string, FailingFunction>> = {
  'a module that does not exist': {
    source: '',
    overrides: { handler: 'nowhere.handler' },
    text: '',
    errorCode: 'Runtime.ImportModuleError',
    errorType: 'Runtime.ImportModuleError',
    errorMessage: /Cannot find module 'nowhere'/,
    logged: /Runtime\.ImportModuleError.*Status: error\tError Type: Runtime\.ImportModuleError/s,
  },
  'a handler that is not exported': {
    source: 'export const other = 1;',
    text: '',
    errorCode: 'Runtime.HandlerNotFound',
    errorType: 'Runtime.HandlerNotFound',
    errorMessage: /index\.handler is undefined or not exported/,
    logged: /Runtime\.HandlerNotFound/,
  },
  'a syntax error': {
    source: 'export const handler = async ( => {',
    text: '',
    errorCode: 'Runtime.UserCodeSyntaxError',
    errorType: 'Runtime.UserCodeSyntaxError',
    errorMessage: /SyntaxError: /,
    logged: /Runtime\.UserCodeSyntaxError/,
  },
  'a throw while loading': {
    source: 'throw new RangeError("at load");',
    text: '',
    errorCode: 'RangeError',
    errorType: 'RangeError',
    errorMessage: /^at load$/,
    logged: /at load/,
  },
  'an exit while loading': {
    source: 'process.exit(7);',
    text: '',
    errorCode: 'Runtime.ExitError',
    errorType: 'Runtime.ExitError',
    errorMessage: /Runtime exited with error: exit status 7/,
    logged: /exit status 7\nRuntime\.ExitError/,
  },
  'a module that never loads': {
    source: 'await new Promise((resolve) => setTimeout(resolve, 60_000));',
    text: '',
    errorCode: 'Sandbox.Timedout',
    errorType: 'Sandbox.Timedout',
    errorMessage: /did not load within 300 ms/,
    logged: /Status: error\tError Type: Sandbox\.Timedout\n$/,
  },
  'code that is not there': {
    source: '',
    codeIsGone: true,
    text: '',
    errorCode: 'Runtime.InvalidEntrypoint',
    errorType: 'Runtime.InvalidEntrypoint',
    errorMessage: /Code directory .*gone does not exist/,
    logged: /Error Type: Runtime\.InvalidEntrypoint/,
  },
  'a throw before the first byte': {
    source: streaming('throw new TypeError("before");'),
    text: '',
    errorCode: 'Unhandled',
    errorType: 'TypeError',
    errorMessage: /^before$/,
    logged:
      /ERROR\tInvoke Error \t\{"errorType":"TypeError","errorMessage":"before".*Max Memory Used: \d+ MB\tInit Duration: [\d.]+ ms\t\n$/s,
  },
  'a throw after the first byte': {
    source: streaming(
      'stream.write("prefix"); await new Promise((r) => setTimeout(r, 20)); throw new TypeError("after");',
    ),
    text: 'prefix',
    errorCode: 'Unhandled',
    errorType: 'TypeError',
    errorMessage: /^after$/,
    logged: /ERROR\tInvoke Error \t\{"errorType":"TypeError","errorMessage":"after"/,
  },
  'an error too large for an HTTP header': {
    source: streaming('stream.write("prefix"); throw new Error("x".repeat(100_000));'),
    text: 'prefix',
    errorCode: 'Unhandled',
    errorType: 'Error',
    errorMessage: /^x{100000}$/,
    logged: /END RequestId/,
  },
  'a handler that is not async': {
    source: 'export const handler = awslambda.streamifyResponse((event, stream) => { stream.end("x"); });',
    text: 'x',
    errorCode: '',
    errorType: 'Error',
    errorMessage: /non-async/,
    logged: /Streaming does not support non-async handlers/,
  },
  'a handler that destroys its stream': {
    source: streaming('stream.destroy();'),
    text: '',
    errorCode: 'Runtime.ExitError',
    errorType: 'Runtime.ExitError',
    errorMessage: /Runtime exited/,
    logged: /Status: error\tError Type: Runtime\.ExitError\n$/,
  },
  'an exit before the first byte': {
    source: streaming('process.exit(3);'),
    text: '',
    errorCode: 'Runtime.ExitError',
    errorType: 'Runtime.ExitError',
    errorMessage: /RequestId: \S+ Error: Runtime exited with error: exit status 3/,
    logged:
      /Error: Runtime exited with error: exit status 3\nRuntime\.ExitError\nEND.*Status: error\tError Type: Runtime\.ExitError\n$/s,
  },
  'an exit after the first byte': {
    source: streaming(
      'stream.write("prefix", () => setTimeout(() => process.exit(0), 50)); await new Promise(() => {});',
    ),
    text: 'prefix',
    errorCode: 'Runtime.ExitError',
    errorType: 'Runtime.ExitError',
    errorMessage: /Runtime exited without providing a reason/,
    logged: /Runtime exited without providing a reason/,
  },
  'a timeout before the first byte': {
    source: streaming('await new Promise((resolve) => setTimeout(resolve, 60_000));'),
    overrides: { timeoutSeconds: 1 },
    text: '',
    errorCode: 'Sandbox.Timedout',
    errorType: 'Sandbox.Timedout',
    errorMessage: /RequestId: \S+ Error: Task timed out after 1\.00 seconds/,
    logged: /\tStatus: timeout\n$/,
  },
  'a stream that is never ended': {
    source: streaming('stream.write("prefix");'),
    overrides: { timeoutSeconds: 1 },
    text: 'prefix',
    errorCode: 'Sandbox.Timedout',
    errorType: 'Sandbox.Timedout',
    errorMessage: /Task timed out after 1\.00 seconds/,
    logged: /\tStatus: timeout\n$/,
  },
  'more heap than there is memory': {
    source: streaming(
      'await new Promise((sent) => stream.write("prefix", sent)); const kept = []; for (;;) kept.push(new Array(1e6).fill(Math.random()));',
    ),
    overrides: { memoryMb: 128 },
    text: 'prefix',
    errorCode: 'Runtime.ExitError',
    errorType: 'Runtime.ExitError',
    errorMessage: /Runtime exited with error: signal: aborted/,
    logged: /heap out of memory/,
  },
};

interface BufferedOutcome {
  readonly functionError: string | undefined;
  readonly payload: { errorType: string; errorMessage: string };
}

interface Outcomes {
  readonly observed: StreamOutcome;
  readonly trailers?: StreamOutcome;
  readonly buffered?: BufferedOutcome;
}

/** Cases whose every door is worth the time of each run; the slow suite opens all doors for all cases. */
const SAMPLE: readonly string[] = [
  'a module that does not exist',
  'an error too large for an HTTP header',
  'a throw before the first byte',
  'an exit after the first byte',
  'a stream that is never ended',
];

async function invokeAll(
  failing: FailingFunction,
  everyDoor: boolean,
  plain: LocalLambda,
  telling: LocalLambda,
): Promise<Outcomes> {
  const observed = streamOf(plain.client, { FunctionName: define(plain, failing) });
  if (!everyDoor) return { observed: await observed };
  const trailers = streamOf(telling.client, { FunctionName: define(telling, failing) });
  const payload = buffered(plain, define(plain, failing));
  return { observed: await observed, trailers: await trailers, buffered: await payload };
}

function define(plane: LocalLambda, { source, overrides, codeIsGone }: FailingFunction): string {
  const { functionName, versions } = plane.define(source, overrides);
  const latest = versions.get('$LATEST');
  if (codeIsGone && latest) versions.set('$LATEST', { ...latest, codeDirectory: `${plane.folder}/gone` });
  return functionName;
}

async function buffered(plane: LocalLambda, FunctionName: string): Promise<BufferedOutcome> {
  const { FunctionError, Payload } = await plane.client.send(new InvokeCommand({ FunctionName }));
  const text = Buffer.from(Payload ?? []).toString('utf8');
  return {
    functionError: FunctionError,
    payload: text.startsWith('{') ? JSON.parse(text) : { errorType: text, errorMessage: text },
  };
}

/** Defines the tests of a suite. */
export function describeFailingFunctions(doors: 'sample' | 'all'): void {
  const planes: LocalLambda[] = [];
  const outcomes = new Map<string, Outcomes>();
  const everyDoor = (name: string) => doors === 'all' || SAMPLE.includes(name);

  beforeAll(async () => {
    const patient = [await startLocalLambda(), await startLocalLambda({ errorReporting: 'trailers' })] as const;
    const impatient = [
      await startLocalLambda({ initTimeoutMs: 300 }),
      await startLocalLambda({ initTimeoutMs: 300, errorReporting: 'trailers' }),
    ] as const;
    planes.push(...patient, ...impatient);
    await Promise.all(
      Object.entries(CASES).map(async ([name, failing]) => {
        const [plain, telling] = name === 'a module that never loads' ? impatient : patient;
        outcomes.set(name, await invokeAll(failing, everyDoor(name), plain, telling));
      }),
    );
  });
  afterAll(() => Promise.all(planes.map((plane) => plane.stop())));

  describe.each(Object.entries(CASES))('%s', (name, expected) => {
    const { text, errorCode, errorType, errorMessage, logged } = expected;

    test('looks like success to the stream and is told by the log tail, as observed on AWS', () => {
      const observed = outcomes.get(name)?.observed;
      expect(observed?.text).toBe(text);
      expect(observed?.errorCode).toBeUndefined();
      expect(observed?.logTail).toMatch(logged);
    });

    if (errorCode === '' || !everyDoor(name)) return;

    test('is told by InvokeComplete where errors are reported by trailers', () => {
      const trailers = outcomes.get(name)?.trailers;
      expect(trailers?.text).toBe(text);
      expect(trailers?.errorCode).toBe(errorCode);
      const details = JSON.parse(trailers?.errorDetails ?? '');
      expect(details.errorType).toBe(errorType);
      expect(details.errorMessage).toMatch(errorMessage);
    });

    test('is a function error of a buffered invoke', () => {
      const buffered = outcomes.get(name)?.buffered;
      expect(buffered?.functionError).toBe('Unhandled');
      expect(buffered?.payload.errorType).toBe(errorType);
      expect(buffered?.payload.errorMessage).toMatch(errorMessage);
    });
  });
}

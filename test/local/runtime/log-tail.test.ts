import { InvocationLog, type InvocationReport } from '../../../src/local/runtime/log-tail';

const REPORT: InvocationReport = { durationMs: 12.345, memoryMb: 128, maxMemoryMb: 60 };

function log(report: InvocationReport, messages: readonly string[] = []): { tail: string; lines: string[] } {
  const lines: string[] = [];
  const invocation = new InvocationLog('id-1', '7', (message) => lines.push(message));
  invocation.start();
  for (const message of messages) invocation.append(message);
  invocation.finish(report);
  return { tail: invocation.tail().toString('utf8'), lines };
}

test('frames what the function logs by START, END and REPORT', () => {
  const { tail, lines } = log(REPORT, ['one\ntwo']);
  expect(tail).toBe(
    'START RequestId: id-1 Version: 7\none\ntwo\nEND RequestId: id-1\n' +
      'REPORT RequestId: id-1\tDuration: 12.35 ms\tBilled Duration: 13 ms\tMemory Size: 128 MB\tMax Memory Used: 60 MB\t\n',
  );
  expect(lines).toHaveLength(4);
});

test('tells the first invocation of an environment by its Init Duration, which is billed', () => {
  expect(log({ ...REPORT, initMs: 100.5 }).tail).toMatch(/Billed Duration: 113 ms\t.*\tInit Duration: 100\.50 ms\t\n$/);
});

test('tells a timeout and a dead runtime by status, as AWS does', () => {
  expect(log({ ...REPORT, initMs: 1, status: 'timeout' }).tail).toMatch(
    /Max Memory Used: 60 MB\tInit Duration: 1\.00 ms\tStatus: timeout\n$/,
  );
  expect(log({ ...REPORT, status: 'error', errorType: 'Runtime.ExitError' }).tail).toMatch(
    /Max Memory Used: 60 MB\tStatus: error\tError Type: Runtime\.ExitError\n$/,
  );
});

test('keeps exactly the last 4 KB, whatever was logged', () => {
  const { tail } = log(REPORT, ['x'.repeat(10_000), 'y'.repeat(4_000)]);
  expect(Buffer.byteLength(tail)).toBe(4_096);
  expect(tail).not.toContain('START');
  expect(tail).toMatch(/^y+\nEND RequestId: id-1\nREPORT/);
  const many = log(
    REPORT,
    Array.from({ length: 2_000 }, (_, i) => `line ${i}`),
  );
  expect(Buffer.byteLength(many.tail)).toBe(4_096);
  expect(many.tail).toContain('line 1999\nEND');
});

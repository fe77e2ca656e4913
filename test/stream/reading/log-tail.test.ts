import { decodeLogTail, findLoggedFailure, locationIn } from '../../../src/stream/reading/log-tail';

const report = (rest: string) => `REPORT RequestId: r\tDuration: 1.00 ms\tMax Memory Used: 23 MB\t${rest}\n`;
const invokeError = (json: string) => `2026-09-15T10:00:00.000Z\tr\tERROR\tInvoke Error \t${json}\n`;

describe('a failure is found', () => {
  test.each<[string, string, object]>([
    [
      'in the line of an error that left the handler',
      invokeError('{"errorType":"Error","errorMessage":"boom","stack":["Error: boom"]}') + report(''),
      { errorType: 'Error', errorMessage: 'boom', trace: ['Error: boom'], timedOut: false, certain: true },
    ],
    [
      'in an uncaught exception',
      't\tr\tERROR\tUncaught Exception \t{"errorType":"E","errorMessage":"m"}',
      { errorType: 'E', certain: true },
    ],
    [
      'in an unhandled rejection',
      't\tr\tERROR\tUnhandled Promise Rejection \t{"errorType":"Runtime.UnhandledPromiseRejection","errorMessage":"m"}',
      { certain: true },
    ],
    [
      'in the line of an error that the handler file raised while it was loaded, with its message',
      't\t-\tERROR\tInit Error \t{"errorType":"Error","errorMessage":"TABLE_NAME is not set","stack":["Error: x"]}\n' +
        report('Status: error\tError Type: Error'),
      { errorType: 'Error', errorMessage: 'TABLE_NAME is not set', trace: ['Error: x'], certain: true },
    ],
    [
      'in the line of a handler that is not exported',
      't\t-\tERROR\tInit Error \t{"errorType":"Runtime.HandlerNotFound","errorMessage":"index.handler is undefined or not exported","stack":[]}\n' +
        report('Status: error\tError Type: Runtime.HandlerNotFound'),
      { errorType: 'Runtime.HandlerNotFound', errorMessage: 'index.handler is undefined or not exported' },
    ],
    [
      'in the line of a runtime that exited, with its status',
      `RequestId: r Error: Runtime exited with error: exit status 1\nRuntime.ExitError\n${report('Status: error\tError Type: Runtime.ExitError')}`,
      { errorType: 'Runtime.ExitError', errorMessage: 'Runtime exited with error: exit status 1', certain: true },
    ],
    [
      'in the error that made the runtime exit, and not in its exit',
      `t\tr\tERROR\tUncaught Exception \t{"errorType":"E","errorMessage":"m"}\nRequestId: r Error: Runtime exited with error: exit status 129\n${report('Status: error\tError Type: Runtime.ExitError')}`,
      { errorType: 'E', errorMessage: 'm', certain: true },
    ],
    [
      'in the report of a timeout',
      report('Init Duration: 65.39 ms\tStatus: timeout'),
      { timedOut: true, certain: true },
    ],
    [
      'in the report of a crashed runtime',
      report('Status: error\tError Type: Runtime.ExitError'),
      { errorType: 'Runtime.ExitError', timedOut: false },
    ],
    [
      'in the report of JSON logging',
      '{"type":"platform.report","record":{"status":"timeout"}}',
      { timedOut: true, certain: true },
    ],
    [
      'in an error of JSON logging, which any function may log',
      '{"level":"ERROR","message":{"errorType":"E","errorMessage":"m","stackTrace":["l"]}}',
      { errorType: 'E', errorMessage: 'm', trace: ['l'], certain: false },
    ],
    [
      'as sure where JSON logging tells of an error and the report confirms it',
      '{"level":"ERROR","message":{"errorType":"E","errorMessage":"m"}}\n{"type":"platform.report","record":{"status":"error","errorType":"X"}}',
      { errorType: 'E', errorMessage: 'm', certain: true },
    ],
    [
      'as the last one of several',
      invokeError('{"errorType":"A","errorMessage":"1"}') + invokeError('{"errorType":"B","errorMessage":"2"}'),
      { errorType: 'B' },
    ],
    [
      'as the timeout that follows an error',
      invokeError('{"errorType":"A","errorMessage":"1"}') + report('Status: timeout'),
      { timedOut: true },
    ],
  ])('%s', (_, tail, expected) => {
    expect(findLoggedFailure(tail)).toMatchObject(expected);
  });
});

describe('no failure is found', () => {
  test.each([
    ['in the report of a success', report('Init Duration: 65.39 ms')],
    ['in a report that says so', report('Status: success')],
    ["in a function's own error line", 't\tr\tERROR\tpayment refused {"errorType":"E"}\n'],
    ["in a function's own text about such a line", 'I saw: t\tr\tERROR\tInvoke Error \t{"errorType":"E"}\n'],
    ['in an error line cut by the limit of the tail', '"errorMessage":"boom"}\n'],
    ['in an error line that is not JSON', invokeError('{"errorType":')],
    ['in JSON of the function', '{"level":"INFO","message":{"errorType":"E"}}\n{"a":1}\nnull\n{\n'],
    ['in the report of a success in JSON', '{"type":"platform.report","record":{"status":"success"}}'],
    ['in an empty tail', ''],
  ])('%s', (_, tail) => {
    expect(findLoggedFailure(tail)).toBeUndefined();
  });
});

test('a log tail is decoded as UTF-8, and one that is not base64 is none', () => {
  expect(decodeLogTail(Buffer.from('h\u00e4llo').toString('base64'))).toBe('h\u00e4llo');
  expect(decodeLogTail('***')).toBeUndefined();
});

test.each<[string, string[], string | undefined]>([
  ['a method', ['TypeError: x', '    at Chat.run (/var/task/chat.js:4:11)'], '/var/task/chat.js:4:11'],
  ['a module of ES', ['Error: x', '    at file:///var/task/index.mjs:12:7'], '/var/task/index.mjs:12:7'],
  [
    'the first of the own files',
    ['    at f (/var/task/node_modules/a/b.js:1:1)', '    at g (/var/task/c.js:2:3)'],
    '/var/task/c.js:2:3',
  ],
  ['a file of Python', ['  File "/var/task/app.py", line 7, in handler\n    raise X'], '/var/task/app.py:7'],
  ['an asynchronous frame', ['    at async handler (/var/task/d.js:9:1)'], '/var/task/d.js:9:1'],
  ['the runtime alone', ['Error: x', '    at f (/var/runtime/index.mjs:1:1)', '    at node:internal/x:1:1'], undefined],
])('the place of an error is found in a trace: %s', (_, trace, place) => {
  expect(locationIn(trace)).toBe(place);
});

test('without a trace there is no place', () => {
  expect(locationIn(undefined)).toBeUndefined();
});

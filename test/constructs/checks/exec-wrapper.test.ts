import { findings, fnIn, urlIn } from './findings';

const wrapped = (program: string) => ({ environment: { AWS_LAMBDA_EXEC_WRAPPER: program } });

test.each(['/opt/lumigo_wrapper', '/opt/otel-handler'])('%s around a streaming handler', (program) => {
  expect(findings('ExecWrapper', (stack) => urlIn(stack, wrapped(program)))).toEqual([
    expect.stringContaining(`AWS_LAMBDA_EXEC_WRAPPER=${program} wraps the handler of the function Stack1/Fn`),
  ]);
  expect(findings('ExecWrapper', (stack) => fnIn(stack, wrapped(program)))).toEqual([]);
});

test('not wrappers that keep the mark, nor the web adapter', () => {
  for (const program of ['/opt/datadog_wrapper', '/opt/bootstrap', 'constructor']) {
    expect(findings('ExecWrapper', (stack) => urlIn(stack, wrapped(program)))).toEqual([]);
  }
});

import * as lambda from 'aws-cdk-lib/aws-lambda';
import {
  BUFFERING_RUNTIME,
  DURABLE_STREAM,
  type FunctionFacts,
  isStreamingAdapter,
  VPC_URL,
} from '../../../src/constructs/facts/streaming-facts';

const facts = (more: Partial<FunctionFacts> = {}): FunctionFacts => ({
  runtime: 'nodejs24.x',
  environment: {},
  isDurable: false,
  isInVpc: false,
  ...more,
});

describe('BufferingRuntime', () => {
  const BUFFERS = /^(python|java|ruby|go1|dotnetcore|dotnet6|nodejs(4|6|8|10|12|$))/;

  test('knows every managed runtime that aws-cdk-lib lists', () => {
    const names = lambda.Runtime.ALL.map(({ name }) => name);
    expect(names.length).toBeGreaterThan(30);
    for (const runtime of names) {
      expect([runtime, BUFFERING_RUNTIME.holds(facts({ runtime }))]).toEqual([runtime, BUFFERS.test(runtime)]);
    }
  });

  test.each([
    ['python3.13', true],
    ['java21', true],
    ['dotnet6', true],
    ['dotnet8', false],
    ['dotnet10', false],
    ['nodejs12.x', true],
    ['nodejs14.x', false],
    ['nodejs22.x', false],
    ['provided.al2023', false],
    [undefined, false],
  ])('%s: %s', (runtime, holds) => {
    expect(BUFFERING_RUNTIME.holds(facts({ runtime }))).toBe(holds);
  });

  test('the web adapter in stream mode lets any runtime stream', () => {
    const environment = { AWS_LWA_INVOKE_MODE: 'RESPONSE_STREAM' };
    expect(BUFFERING_RUNTIME.holds(facts({ runtime: 'python3.13', environment }))).toBe(false);
    const buffered = { AWS_LWA_INVOKE_MODE: 'buffered' };
    expect(BUFFERING_RUNTIME.holds(facts({ runtime: 'python3.13', environment: buffered }))).toBe(true);
  });
});

test('what is durable, and what is in a VPC', () => {
  expect([DURABLE_STREAM.holds(facts()), DURABLE_STREAM.holds(facts({ isDurable: true }))]).toEqual([false, true]);
  expect([VPC_URL.holds(facts()), VPC_URL.holds(facts({ isInVpc: true }))]).toEqual([false, true]);
});

test('the mode of the web adapter is read in any case of letters, and unknown words mean buffered', () => {
  const mode = (AWS_LWA_INVOKE_MODE?: unknown) => isStreamingAdapter({ AWS_LWA_INVOKE_MODE });
  expect(['response_stream', 'Response_Stream', 'RESPONSE_STREAM'].map(mode)).toEqual([true, true, true]);
  expect([undefined, 'buffered', 'stream', { Ref: 'Mode' }].map(mode)).toEqual([false, false, false, false]);
});

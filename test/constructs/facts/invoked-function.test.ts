import * as lambda from 'aws-cdk-lib/aws-lambda';
import { App, CfnParameter, Duration, Stack } from 'aws-cdk-lib/core';
import {
  cfnFunction,
  factsOf,
  functionTimeout,
  invokedFunction,
  isDefinedHere,
} from '../../../src/constructs/facts/invoked-function';
import { fnIn } from '../checks/findings';
import { streamingFunction } from '../two-accounts';

const ARN = 'arn:aws:lambda:eu-west-1:222222222222:function:other';

let stack: Stack;
beforeEach(() => {
  stack = new Stack(new App(), 'S');
});

test('a streaming function is invoked by its alias live', () => {
  const fn = streamingFunction(stack);
  expect(invokedFunction(fn)).toEqual({ invoked: fn.liveAlias, behind: fn, qualifier: 'live' });
  expect(invokedFunction(fn.liveAlias)).toEqual(invokedFunction(fn));
});

test('aliases, versions and plain functions stand for themselves', () => {
  const fn = fnIn(stack);
  const [alias, version] = [fn.addAlias('beta'), fn.currentVersion];
  expect(invokedFunction(alias)).toEqual({ invoked: alias, behind: fn, qualifier: 'beta' });
  expect(invokedFunction(version)).toEqual({ invoked: version, behind: fn, qualifier: version.version });
  expect(invokedFunction(fn)).toEqual({ invoked: fn, behind: fn, qualifier: undefined });
});

test('an imported ARN tells its qualifier, a token does not', () => {
  const imported = (id: string, arn: string) => invokedFunction(lambda.Function.fromFunctionArn(stack, id, arn));
  expect(imported('A', `${ARN}:live`).qualifier).toBe('live');
  expect(imported('B', ARN).qualifier).toBeUndefined();
  expect(imported('C', new CfnParameter(stack, 'P').valueAsString).qualifier).toBeUndefined();
});

test('what is known of a function of this app, and not of an imported one', () => {
  const fn = fnIn(stack, { timeout: Duration.seconds(7), environment: { A: '1' } });
  const imported = lambda.Function.fromFunctionArn(stack, 'Other', ARN);
  expect([isDefinedHere(fn), isDefinedHere(imported)]).toEqual([true, false]);
  expect(cfnFunction(fn)?.handler).toBe('index.handler');
  expect(cfnFunction(imported)).toBeUndefined();
  expect(functionTimeout(fn)?.toSeconds()).toBe(7);
  expect(functionTimeout(imported)).toBeUndefined();
  expect(factsOf(fn)).toEqual({
    runtime: 'nodejs24.x',
    environment: { A: '1' },
    isDurable: false,
    isInVpc: false,
  });
  expect(factsOf(imported)).toBeUndefined();
});

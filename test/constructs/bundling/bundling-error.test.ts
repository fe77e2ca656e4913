/** What somebody who catches an error of bundling can tell from it. */
import { Template } from 'aws-cdk-lib/assertions';
import { Lazy, type Stack } from 'aws-cdk-lib/core';
import type { StreamingBundlingOptions } from '../../../src/constructs/streaming-bundling-options';
import { StreamingCode } from '../../../src/constructs/streaming-code';
import { BundlingError, isBundlingError } from '../../../src/constructs/streaming-errors';
import { newStack, Project, removeProjects, streamingFunction } from './project';

afterAll(removeProjects);

const project = Project.create({
  'src/good.ts': 'export const handler = () => 1;',
  'src/broken.ts': "import './not-there'; export const handler = 1;",
});

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

const stackOf = (entry: string, options: StreamingBundlingOptions = {}): Stack => {
  const stack = newStack();
  streamingFunction(stack, 'Fn', project.path(entry), { cache: false, ...options });
  return stack;
};

const HOOKS = { beforeBundling: () => ['false'], beforeInstall: () => [], afterBundling: () => [] };

test.each<[string, () => unknown]>([
  ['EntryNotFound', () => StreamingCode.fromEntry('not-there.ts')],
  ['EntryInvalid', () => StreamingCode.fromEntry('handler.py')],
  ['OptionInvalid', () => stackOf('src/good.ts', { target: 5 as never })],
  ['OptionInvalid', () => stackOf('src/good.ts', { tsconfig: 'not-there.json' })],
  ['BuildFailed', () => Template.fromStack(stackOf('src/broken.ts'))],
  ['CommandFailed', () => Template.fromStack(stackOf('src/good.ts', { commandHooks: HOOKS }))],
  ['NotBound', () => StreamingCode.fromEntry(project.path('src/good.ts')).assetHash],
])('%s is its code', (code, act) => {
  const error = thrownBy(act);
  expect(error).toMatchObject({ name: 'BundlingError', code });
  expect(isBundlingError(error)).toBe(true);
  expect(isBundlingError(error, code as BundlingError['code'])).toBe(true);
  expect(isBundlingError(error, code === 'NotBound' ? 'BuildFailed' : 'NotBound')).toBe(false);
});

test('an error of another copy of the package is recognised, and an error that only looks like one is not', () => {
  jest.isolateModules(() => {
    const other: typeof import('../../../src/constructs/streaming-errors') = jest.requireActual(
      '../../../src/constructs/streaming-errors',
    );
    expect(other.BundlingError).not.toBe(BundlingError);
    expect(isBundlingError(new other.BundlingError('BuildFailed', 'text'))).toBe(true);
  });
  for (const error of [Object.assign(new Error('text'), { name: 'BundlingError' }), undefined, null, 'BundlingError']) {
    expect(isBundlingError(error)).toBe(false);
  }
});

test('a build that fails while a token is resolved says so first and once, whatever the framework puts before', () => {
  const stack = stackOf('src/broken.ts');
  const code = Lazy.string({ produce: () => Template.fromStack(stack).toJSON() && 'never' });
  for (const act of [() => stack.resolve({ a: { b: [code] } }), () => Template.fromStack(stack)]) {
    const error = thrownBy(act) as BundlingError;
    expect(error.message).toMatch(/^cannot bundle 'Stack\/Fn' from .*broken\.ts:\n/);
    expect(error.stack?.split('\n')[0]).toMatch(/^BundlingError: cannot bundle 'Stack\/Fn'/);
    expect(error.message.match(/cannot bundle/g)).toHaveLength(1);
  }
});

test('a hash asked for too early fails with the message alone', () => {
  const stack = newStack();
  const code = StreamingCode.fromEntry(project.path('src/broken.ts'), { cache: false });
  code.bind(stack);
  const error = thrownBy(() => stack.resolve(code.assetHash)) as BundlingError;
  expect(error.message).toMatch(/^cannot bundle 'Stack':/);
});

test('what a hook throws is the cause, and a refusal of esbuild has none', () => {
  const thrown = new TypeError('thrown by my hook');
  const hooks = {
    ...HOOKS,
    beforeBundling: () => {
      throw thrown;
    },
  };
  expect(thrownBy(() => Template.fromStack(stackOf('src/good.ts', { commandHooks: hooks })))).toHaveProperty(
    'cause',
    thrown,
  );
  expect(thrownBy(() => Template.fromStack(stackOf('src/broken.ts')))).not.toHaveProperty('cause');
});

test('what an app prints of a mistake in a source is the message, without the frames of the synth', () => {
  const error = thrownBy(() => Template.fromStack(stackOf('src/broken.ts')));
  const { message, stack } = error as Error;
  expect(message).toContain('src/broken.ts:1:7:');
  expect(stack).toBe(`BundlingError: ${message}`);
  expect(new BundlingError('OptionInvalid', 'x').stack).toMatch(/^ +at /m);
});

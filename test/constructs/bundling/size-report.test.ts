import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { Size } from 'aws-cdk-lib/core';
import { newStack, Project, removeProjects, streamingFunction, synth } from './project';

afterAll(removeProjects);

const project = Project.create({
  'src/large.ts': "import { filler } from 'large'; export const handler = () => filler;",
  'src/warns.ts': 'export const handler = () => typeof process.env === "nul";',
  'src/named.ts': 'export class Named {} export const handler = () => new Named();',
  'node_modules/large/index.js': `exports.filler = '${'x'.repeat(5_000)}';`,
});

describe('the author is told', () => {
  test('when a bundle is over its budget, and what makes it large', () => {
    const stack = newStack();
    streamingFunction(stack, 'Large', project.path('src/large.ts'), { sizeBudget: Size.kibibytes(4) });
    streamingFunction(stack, 'Small', project.path('src/named.ts'), { sizeBudget: Size.kibibytes(4) });
    Annotations.fromStack(stack).hasWarning(
      '/Stack/Large',
      Match.stringLikeRegexp(
        'the bundle is \\d\\.\\d kB, over its budget of 4\\.1 kB \\(large 5\\.\\d kB.*cdk-lambda-streaming:BundleOverBudget',
      ),
    );
    Annotations.fromStack(stack).hasNoWarning('/Stack/Small', Match.anyValue());
  });

  test('in bytes below one kilobyte', () => {
    const stack = newStack();
    streamingFunction(stack, 'Fn', project.path('src/named.ts'), { sizeBudget: Size.bytes(10) });
    Annotations.fromStack(stack).hasWarning(
      '/Stack/Fn',
      Match.stringLikeRegexp('over its budget of 10 bytes \\(\\(own code\\) \\d+ bytes'),
    );
  });

  test("esbuild's warnings, from the cache too, unless they are silenced", () => {
    const write = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    try {
      for (let round = 0; round < 2; round++) synth(project.path('src/warns.ts'));
      expect(write.mock.calls.filter(([text]) => String(text).includes('"nul"'))).toHaveLength(2);
      write.mockClear();
      synth(project.path('src/warns.ts'), { logLevel: 'error' as never });
      expect(write).not.toHaveBeenCalled();
    } finally {
      write.mockRestore();
    }
  });

  test('the size of every bundle, with CDK_LAMBDA_STREAMING_SIZES=1', () => {
    const write = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    process.env['CDK_LAMBDA_STREAMING_SIZES'] = '1';
    try {
      synth(project.path('src/large.ts'));
      expect(write.mock.calls.map(([text]) => String(text)).join('')).toMatch(
        /^Stack\/Fn: \d\.\d kB \(large 5\.\d kB, \(own code\) \d+ bytes\)\n$/,
      );
    } finally {
      delete process.env['CDK_LAMBDA_STREAMING_SIZES'];
      write.mockRestore();
    }
  });
});

import * as fs from 'node:fs';
import * as path from 'node:path';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Lazy, type Stack } from 'aws-cdk-lib/core';
import { StreamingCode } from '../../../src/constructs/streaming-code';
import { StreamingFunction } from '../../../src/constructs/streaming-function';
import { assetHashes, newStack, Project, removeProjects } from './project';

afterAll(removeProjects);

/** The library as the user's files in a temporary project import it. */
const LIBRARY = JSON.stringify(path.resolve('src/constructs/streaming-code'));
const LAMBDA = JSON.stringify(require.resolve('aws-cdk-lib/aws-lambda'));

const project = Project.create({
  'app/stack.ts': `
    const { StreamingCode } = require(${LIBRARY});
    const { BaseFunction } = require('../shared/base-function.ts');
    exports.beside = () => StreamingCode.fromEntry('chat.ts').entry;
    exports.above = () => StreamingCode.fromEntry('../shared/common.ts').entry;
    exports.missing = () => StreamingCode.fromEntry('not-here.ts');
    exports.subclass = (scope) => new BaseFunction(scope, 'Fn', { entry: 'chat.ts' });
  `,
  'app/chat.ts': 'export const handler = 1;',
  'shared/base-function.ts': `
    const lambda = require(${LAMBDA});
    const { StreamingCode } = require(${LIBRARY});
    exports.BaseFunction = class extends lambda.Function {
      constructor(scope, id, { entry }) {
        const code = StreamingCode.fromEntry(entry);
        super(scope, id, { code, handler: 'index.handler', runtime: lambda.Runtime.NODEJS_22_X });
        this.code = code;
      }
    };
  `,
  'shared/common.ts': 'export const handler = 2;',
});

interface UserFile {
  beside(): string;
  above(): string;
  missing(): void;
  subclass(scope: Stack): { code: StreamingCode };
}

const userFile = (): UserFile => jest.requireActual(project.path('app/stack.ts'));

test('a relative entry is beside the file that makes the call', () => {
  expect(userFile().beside()).toBe(project.path('app/chat.ts'));
  expect(userFile().above()).toBe(project.path('shared/common.ts'));
});

test('a subclass in another file takes an entry that is relative to its caller', () => {
  expect(userFile().subclass(newStack()).code.entry).toBe(project.path('app/chat.ts'));
});

test('a streaming function looks beside the file that defines it', () => {
  const file = path.join(__dirname, 'beside-this-test.ts');
  const stack = newStack();
  fs.writeFileSync(file, 'export const handler = 1;');
  try {
    new StreamingFunction(stack, 'Fn', { entry: './beside-this-test.ts' });
    expect(assetHashes(stack)).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
  } finally {
    fs.rmSync(file);
  }
});

test('an absolute entry is taken as it is', () => {
  const entry = project.path('app/chat.ts');
  expect(StreamingCode.fromEntry(entry).entry).toBe(entry);
});

test('an entry that is only below the working directory is found there, as NodejsFunction finds it', () => {
  const entry = path.relative(process.cwd(), __filename);
  expect(StreamingCode.fromEntry(entry).entry).toBe(__filename);
});

test('an entry found in both places is the one beside the caller, with a warning', () => {
  const relative = 'package-of-two-places.ts';
  const [beside, below] = [path.join(__dirname, relative), path.resolve(relative)];
  const stack = newStack();
  try {
    for (const file of [beside, below]) fs.writeFileSync(file, 'export const handler = 1;');
    const code = StreamingCode.fromEntry(relative);
    expect(code.entry).toBe(beside);
    new lambda.Function(stack, 'Fn', { code, handler: 'index.handler', runtime: lambda.Runtime.NODEJS_22_X });
    Annotations.fromStack(stack).hasWarning(
      '/Stack/Fn',
      Match.stringLikeRegexp('cdk-lambda-streaming:EntryInTwoPlaces'),
    );
  } finally {
    for (const file of [beside, below]) fs.rmSync(file);
  }
});

test('a missing entry fails with every path that was tried', () => {
  expect(() => userFile().missing()).toThrow(
    new RegExp(
      `cannot find the entry file 'not-here.ts'; tried:\n  - ${project.path('app/not-here.ts')}[\\s\\S]*  - ${path.resolve('not-here.ts')}`,
    ),
  );
  expect(() => StreamingCode.fromEntry('/no/such/entry.ts')).toThrow(/tried:\n {2}- \/no\/such\/entry\.ts/);
});

test('fails for a directory and for a file that is not JavaScript or TypeScript', () => {
  project.write({ 'app/folder.ts/index.ts': '' });
  for (const dir of [__dirname, project.path('app/folder.ts')]) {
    expect(() => StreamingCode.fromEntry(dir)).toThrow(
      `entry must be a file, got '${dir}', which is a directory: ${dir}; name the file in it, such as '${dir}/index.ts'`,
    );
  }
  expect(() => StreamingCode.fromEntry('cache')).toThrow(
    `got 'cache', which is a directory: ${path.join(__dirname, 'cache')}; name the file in it, such as 'cache/index.ts'`,
  );
  expect(() => StreamingCode.fromEntry('handler.py')).toThrow("got 'handler.py'");
});

test.each<[unknown, string]>([
  ['not-here.ts', "cannot find the entry file 'not-here.ts'; tried:"],
  [__dirname, 'entry must be a file, got '],
  ['handler.py', 'entry must be a JavaScript or TypeScript file'],
  ['', 'entry must be a JavaScript or TypeScript file'],
  [Lazy.string({ produce: () => 'handler.ts' }), 'entry is a token'],
])('a streaming function names itself when its entry is %p', (entry, message) => {
  const define = () => new StreamingFunction(newStack(), 'Fn', { entry: entry as string });
  expect(define).toThrow(`'Stack/Fn': ${message}`);
  expect(define).toThrow(expect.objectContaining({ name: 'BundlingError' }));
});

test.each([
  [null, 'null'],
  [new URL('file:///handler.ts'), 'an object'],
])('a streaming function refuses %p as its entry, as it does any property that is no string', (entry, shown) => {
  const define = () => new StreamingFunction(newStack(), 'Fn', { entry: entry as unknown as string });
  expect(define).toThrow(`[Stack] Fn: entry must be a string, got ${shown}`);
});

test('a library in node_modules takes its own entries, whoever calls it', () => {
  project.write({
    'node_modules/library/index.js': `
      const { StreamingCode } = require(${LIBRARY});
      exports.own = (name) => StreamingCode.fromEntry(name).entry;`,
    'node_modules/library/own.js': 'exports.handler = 1;',
    'app/uses-library.ts': "exports.library = require('library');",
  });
  const { library } = jest.requireActual(project.path('app/uses-library.ts'));
  expect(library.own('own.js')).toBe(project.path('node_modules/library/own.js'));
});

test("a file of the test runner, which calls the user's file, is never the entry", () => {
  const runner = path.basename(require.resolve('jest-circus/runner'));
  expect(() => StreamingCode.fromEntry(runner)).toThrow(`cannot find the entry file '${runner}'`);
});

test('leaves the stack trace settings of the process as they were', () => {
  const before = [Error.stackTraceLimit, Error.prepareStackTrace];
  expect(() => StreamingCode.fromEntry('missing.ts')).toThrow();
  expect([Error.stackTraceLimit, Error.prepareStackTrace]).toEqual(before);
});

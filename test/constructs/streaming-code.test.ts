import * as fs from 'node:fs';
import * as path from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { App, Stack, Stage, Tags, Token } from 'aws-cdk-lib/core';
import { StreamingCode } from '../../src/constructs/streaming-code';
import { StreamingFunction } from '../../src/constructs/streaming-function';
import {
  assetHashes,
  newStack,
  Project,
  passesSince,
  removeProjects,
  SIMPLE_ENTRIES,
  settled,
  streamingFunction,
  synth,
} from './bundling/project';

afterAll(removeProjects);

const project = Project.create(SIMPLE_ENTRIES);
const a = project.path('src/a.ts');
const b = project.path('src/b.ts');

beforeEach(() => passesSince());

describe('defaults', () => {
  test('bundles the entry into index.js, with what it imports', () => {
    const { dir } = synth(a);
    expect(fs.readdirSync(dir)).toEqual(['index.js']);
    expect(fs.readFileSync(path.join(dir, 'index.js'), 'utf8')).toContain('from shared');
  });

  test('is a zip directory asset with a relative path, for deployment only', () => {
    const stack = newStack();
    streamingFunction(stack, 'Fn', a);
    const [hash = ''] = assetHashes(stack);
    const manifest = JSON.parse(
      fs.readFileSync(path.join((stack.node.root as App).outdir, `${stack.artifactId}.assets.json`), 'utf8'),
    );
    expect(manifest.files[hash].source).toEqual({ path: `asset.${hash}`, packaging: 'zip' });
  });
});

describe('one pass', () => {
  test('builds all entries of an app together', () => {
    const app = new App();
    const stacks = [new Stack(app, 'One'), new Stack(app, 'Two')];
    for (const stack of stacks) {
      streamingFunction(stack, 'A', a, { cache: false });
      streamingFunction(stack, 'B', b, { cache: false });
    }
    app.synth();
    expect(passesSince()).toBe(1);
    expect(new Set(stacks.flatMap(assetHashes)).size).toBe(2);
  });

  test('gives the same bytes as a pass of its own', () => {
    const together = newStack();
    streamingFunction(together, 'A', a, { cache: false });
    streamingFunction(together, 'B', b, { cache: false });
    expect(assetHashes(together)).toEqual([synth(a, { cache: false }).hash, synth(b, { cache: false }).hash]);
  });

  test('builds streaming functions with their aliases, URLs and monitoring together', () => {
    const app = new App();
    const stacks = ['One', 'Two'].map((id) => new Stack(new Stage(app, id), 'Stack'));
    for (const stack of stacks) {
      for (const [id, entry] of Object.entries({ a, b })) {
        const fn = new StreamingFunction(stack, id, { entry, bundling: { cache: false } });
        fn.addStreamUrl();
        fn.addStreamAlias('beta');
        fn.exportStreamTarget();
        fn.addMonitoring();
      }
      Tags.of(stack).add('team', 'streams');
    }
    app.synth();
    expect(passesSince()).toBe(1);
    expect(new Set(stacks.flatMap(assetHashes)).size).toBe(2);
    for (const stack of stacks) Template.fromStack(stack).resourceCountIs('AWS::Lambda::Version', 2);
  });

  test('is per group of equal options', () => {
    const stack = newStack();
    streamingFunction(stack, 'A', a, { cache: false });
    streamingFunction(stack, 'B', b, { cache: false, minify: true });
    expect(new Set(assetHashes(stack)).size).toBe(2);
    expect(passesSince()).toBe(2);
  });

  test('leaves no temporary directory behind', () => {
    const stack = newStack();
    streamingFunction(stack, 'A', a, { cache: false });
    expect(assetHashes(stack)).toHaveLength(1);
    expect(fs.readdirSync((stack.node.root as App).outdir).filter((name) => name.startsWith('bundling-temp'))).toEqual(
      [],
    );
  });
});

describe('the asset hash', () => {
  test('is a plain value at once with eager', () => {
    const stack = newStack();
    const code = StreamingCode.fromEntry(a, { eager: true, cache: false });
    const fn = new lambda.Function(stack, 'A', { code, handler: 'index.handler', runtime: lambda.Runtime.NODEJS_22_X });
    const { s3Key } = (fn.node.defaultChild as lambda.CfnFunction).code as lambda.CfnFunction.CodeProperty;
    expect(Token.isUnresolved(s3Key)).toBe(false);
    expect(`${code.assetHash}.zip`).toBe(s3Key);
    expect(assetHashes(stack)).toEqual([code.assetHash]);
  });

  test('is a plain value at once when an earlier synth has built it', async () => {
    await settled();
    synth(b);
    const stack = newStack();
    const code = StreamingCode.fromEntry(b);
    const fn = new lambda.Function(stack, 'B', { code, handler: 'index.handler', runtime: lambda.Runtime.NODEJS_22_X });
    expect(code.assetHash).toMatch(/^[0-9a-f]{64}$/);
    const { s3Key } = (fn.node.defaultChild as lambda.CfnFunction).code as lambda.CfnFunction.CodeProperty;
    expect(s3Key).toBe(`${code.assetHash}.zip`);
  });

  test('is a token otherwise, and the same in the template', () => {
    const stack = newStack();
    const code = StreamingCode.fromEntry(a, { cache: false });
    new lambda.Function(stack, 'A', { code, handler: 'index.handler', runtime: lambda.Runtime.NODEJS_22_X });
    expect(Token.isUnresolved(code.assetHash)).toBe(true);
    expect(stack.resolve(code.assetHash)).toBe(assetHashes(stack)[0]);
  });

  test('cannot be asked for before a function has the code', () => {
    expect(() => StreamingCode.fromEntry(a).assetHash).toThrow(/once a function has been given this code/);
  });
});

describe('fails', () => {
  test("with the construct path and esbuild's message, for each bad entry, and only those", () => {
    const stack = newStack();
    streamingFunction(stack, 'Good', a, { cache: false });
    streamingFunction(stack, 'Broken', project.path('src/broken.ts'), { cache: false });
    streamingFunction(stack, 'Worse', project.path('src/worse.ts'), { cache: false });
    const synthesize = () => Template.fromStack(stack);
    expect(synthesize).toThrow(
      /Stack\/Broken.*\n.*Could not resolve "\.\/not-there"[\s\S]*Stack\/Worse.*\n.*Unexpected ";"/,
    );
    expect(synthesize).not.toThrow(/Stack\/Good/);
  });

  test('at once with eager', () => {
    const create = () => streamingFunction(newStack(), 'Broken', project.path('src/broken.ts'), { eager: true });
    expect(create).toThrow(/cannot bundle 'Stack\/Broken' from .*broken\.ts/);
  });

  test('at construction for a runtime that is not Node.js', () => {
    const create = () =>
      new lambda.Function(newStack(), 'Fn', {
        code: StreamingCode.fromEntry(a),
        handler: 'index.handler',
        runtime: lambda.Runtime.PYTHON_3_13,
      });
    expect(create).toThrow(
      "cannot bundle 'Stack/Fn': an entry can be bundled for Node.js runtimes (nodejsNN.x) only, got 'python3.13'",
    );
  });

  test('for a layer without a runtime', () => {
    const create = () => new lambda.LayerVersion(newStack(), 'Layer', { code: StreamingCode.fromEntry(a) });
    expect(create).toThrow(/runtime to bundle for is not known/);
  });
});

test('adds the asset metadata that cdk and sam use to find local files', () => {
  const stack = newStack({ context: { 'aws:cdk:enable-asset-metadata': true } });
  streamingFunction(stack, 'A', a, { cache: false });
  const [hash] = assetHashes(stack);
  Template.fromStack(stack).hasResource('AWS::Lambda::Function', {
    Metadata: { 'aws:asset:path': `asset.${hash}`, 'aws:asset:is-bundled': true, 'aws:asset:property': 'Code' },
  });
});

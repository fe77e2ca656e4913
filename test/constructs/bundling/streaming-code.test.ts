import * as fs from 'node:fs';
import * as path from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { App, Aspects, LegacyStackSynthesizer, NestedStack, Stack, Stage, Token } from 'aws-cdk-lib/core';
import { StreamingCode } from '../../../src/constructs/bundling/streaming-code';
import {
  assetDir,
  assetHashes,
  newStack,
  Project,
  passesSince,
  removeProjects,
  settled,
  streamingFunction,
  synth,
} from './project';

afterAll(removeProjects);

const project = Project.create({
  'src/a.ts': "import { shared } from './shared'; export const handler = async (): Promise<string> => shared + 'a';",
  'src/b.ts': "import { shared } from './shared'; export const handler = async () => shared + 'b';",
  'src/shared.ts': "export const shared = 'from shared';",
  'src/broken.ts': "import './not-there'; export const handler = 1;",
  'src/worse.ts': 'export const handler = ;',
});
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

describe('works with', () => {
  test('nested stages, which are synthesized first', () => {
    const app = new App();
    const stage = new Stage(app, 'Stage');
    const inner = new Stack(stage, 'Inner');
    const outer = new Stack(app, 'Outer');
    streamingFunction(inner, 'A', a, { cache: false });
    streamingFunction(outer, 'B', b, { cache: false });
    app.synth();
    expect(passesSince()).toBe(1);
    const [hash = ''] = assetHashes(inner);
    const manifest = JSON.parse(fs.readFileSync(path.join(stage.outdir, `${inner.artifactId}.assets.json`), 'utf8'));
    expect(manifest.files[hash].source.path).toBe(`../asset.${hash}`);
    expect(fs.existsSync(path.join(app.outdir, `asset.${hash}`, 'index.js'))).toBe(true);
  });

  test('nested stacks', () => {
    const stack = newStack();
    const nested = new NestedStack(stack, 'Nested');
    streamingFunction(nested, 'A', a, { cache: false });
    const [hash] = assetHashes(nested);
    expect(hash).toBe(synth(a).hash);
  });

  test('functions added by an aspect', () => {
    const stack = newStack();
    streamingFunction(stack, 'A', a, { cache: false });
    Aspects.of(stack).add({
      visit: (node) => {
        if (node === stack && !stack.node.tryFindChild('Added')) streamingFunction(stack, 'Added', b, { cache: false });
      },
    });
    expect(assetHashes(stack)).toHaveLength(2);
    expect(passesSince()).toBe(1);
  });

  test('currentVersion, whose logical id follows the code', () => {
    const versionOf = (entry: string) => {
      const stack = newStack();
      void streamingFunction(stack, 'Fn', entry, { cache: false }).currentVersion;
      return Object.keys(Template.fromStack(stack).findResources('AWS::Lambda::Version'))[0];
    };
    expect(versionOf(a)).toBe(versionOf(a));
    expect(versionOf(a)).not.toBe(versionOf(b));
  });

  test('a resolve before synth, and functions added after it', () => {
    const stack = newStack();
    const fn = streamingFunction(stack, 'A', a, { cache: false });
    const early = stack.resolve((fn.node.defaultChild as lambda.CfnFunction).code).s3Key;
    streamingFunction(stack, 'B', b, { cache: false });
    expect(assetHashes(stack).map((hash) => `${hash}.zip`)[0]).toBe(early);
    expect(passesSince()).toBe(2);
  });

  test('several apps in a process', () => {
    const stacks = [newStack(), newStack()];
    for (const stack of stacks) streamingFunction(stack, 'A', a, { cache: false });
    const [one, two] = stacks.map((stack) => assetHashes(stack)[0] ?? '');
    expect(one).toBe(two);
    for (const stack of stacks) expect(fs.existsSync(assetDir(stack, one ?? ''))).toBe(true);
  });

  test('layers, when the runtime is given', () => {
    const stack = newStack();
    new lambda.LayerVersion(stack, 'Layer', {
      code: StreamingCode.fromEntry(a, { runtime: lambda.Runtime.NODEJS_22_X }),
    });
    Template.fromStack(stack).hasResourceProperties('AWS::Lambda::LayerVersion', {
      Content: { S3Key: `${synth(a).hash}.zip` },
    });
  });

  test('two functions given the same code', () => {
    const stack = newStack();
    const code = StreamingCode.fromEntry(a);
    for (const id of ['One', 'Two']) {
      new lambda.Function(stack, id, { code, handler: 'index.handler', runtime: lambda.Runtime.NODEJS_22_X });
    }
    expect(new Set(assetHashes(stack)).size).toBe(1);
  });

  test('the legacy synthesizer, which passes assets as parameters', () => {
    const stack = new Stack(new App(), 'Stack', { synthesizer: new LegacyStackSynthesizer() });
    streamingFunction(stack, 'A', a, { cache: false });
    const { hash } = synth(a);
    expect(Object.keys(Template.fromStack(stack).toJSON().Parameters)).toEqual(
      expect.arrayContaining([expect.stringMatching(`^AssetParameters${hash}S3Bucket`)]),
    );
  });

  test('disabled asset staging, where the path is absolute', () => {
    const stack = newStack({ context: { 'aws:cdk:disable-asset-staging': true } });
    streamingFunction(stack, 'A', a, { cache: false });
    const [hash = ''] = assetHashes(stack);
    const manifest = JSON.parse(
      fs.readFileSync(path.join((stack.node.root as App).outdir, 'Stack.assets.json'), 'utf8'),
    );
    expect(manifest.files[hash].source.path).toBe(assetDir(stack, hash));
  });

  test('bundling-stacks: other stacks are not bundled', () => {
    const app = new App({ context: { 'aws:cdk:bundling-stacks': ['Wanted'] } });
    const [wanted, other] = [new Stack(app, 'Wanted'), new Stack(app, 'Other')];
    streamingFunction(wanted, 'A', a);
    streamingFunction(other, 'B', project.path('src/broken.ts'));
    expect(assetHashes(wanted)[0]).toBe(synth(a).hash);
    expect(assetHashes(other)[0]).toMatch(/^[0-9a-f]{64}$/);
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
    new lambda.Function(stack, 'B', { code, handler: 'index.handler', runtime: lambda.Runtime.NODEJS_22_X });
    expect(code.assetHash).toMatch(/^[0-9a-f]{64}$/);
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
      "cannot bundle 'Stack/Fn': an entry can be bundled for Node.js runtimes (nodejsNN.x) only, got: 'python3.13'",
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

/** Bundling wherever the framework lets a function be: stages, nested stacks, aspects, other synthesizers and registries. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { App, Aspects, LegacyStackSynthesizer, NestedStack, Stack, Stage } from 'aws-cdk-lib/core';
import { StreamingCode } from '../../../src/constructs/streaming-code';
import {
  assetDir,
  assetHashes,
  newStack,
  Project,
  passesSince,
  removeProjects,
  SIMPLE_ENTRIES,
  streamingFunction,
  synth,
} from './project';

afterAll(removeProjects);

const project = Project.create(SIMPLE_ENTRIES);
const a = project.path('src/a.ts');
const b = project.path('src/b.ts');

beforeEach(() => passesSince());

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

  test('functions that were removed, alone or with what they were in: they are not built', () => {
    const stack = newStack();
    const inner = new NestedStack(stack, 'Inner');
    streamingFunction(stack, 'Kept', a, { cache: false });
    streamingFunction(stack, 'Removed', project.path('src/broken.ts'), { cache: false });
    streamingFunction(inner, 'RemovedToo', project.path('src/worse.ts'), { cache: false });
    for (const id of ['Removed', 'Inner']) stack.node.tryRemoveChild(id);
    const [hash = ''] = assetHashes(stack);
    expect(hash).toBe(synth(a).hash);
    const { outdir } = stack.node.root as App;
    expect(fs.readdirSync(outdir).filter((name) => name.startsWith('asset.'))).toEqual([`asset.${hash}`]);
  });

  test('several apps in a process', () => {
    const stacks = [newStack(), newStack()];
    for (const stack of stacks) streamingFunction(stack, 'A', a, { cache: false });
    const [one, two] = stacks.map((stack) => assetHashes(stack)[0] ?? '');
    expect(one).toBe(two);
    for (const stack of stacks) expect(fs.existsSync(assetDir(stack, one ?? ''))).toBe(true);
  });

  test('two copies of the library in a process, as test runners load them: each builds its own', () => {
    const copies = [0, 1].map(() => {
      let copy: typeof import('../../../src/constructs/streaming-code') | undefined;
      jest.isolateModules(() => {
        copy = jest.requireActual('../../../src/constructs/streaming-code');
      });
      return copy?.StreamingCode ?? StreamingCode;
    });
    expect(new Set([StreamingCode, ...copies]).size).toBe(3);
    const stack = newStack();
    for (const [index, copy] of [StreamingCode, ...copies].entries()) {
      const code = copy.fromEntry(index === 0 ? a : b, { cache: false });
      new lambda.Function(stack, `Fn${index}`, { code, handler: 'index.handler', runtime: lambda.Runtime.NODEJS_22_X });
    }
    const hashes = assetHashes(stack);
    expect(hashes).toEqual([synth(a).hash, synth(b).hash, synth(b).hash]);
    for (const hash of hashes) expect(fs.existsSync(path.join(assetDir(stack, hash), 'index.js'))).toBe(true);
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

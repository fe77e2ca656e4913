import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { App, Stack, Stage } from 'aws-cdk-lib/core';
import { readAssembly } from '../../../src/local/assembly/read-assembly';
import { removeFolders, temporaryFolder, writeAssembly } from '../engine/write-assembly';

afterEach(removeFolders);

const EMPTY = { template: {} };

describe('readAssembly', () => {
  test('reads stacks, stages, environments, assets and construct paths of a synthesized app', () => {
    const app = new App({ outdir: temporaryFolder() });
    const stack = new Stack(app, 'Api', { env: { account: '222222222222', region: 'eu-west-1' } });
    const fn = new lambda.Function(stack, 'Fn', {
      code: lambda.Code.fromAsset(join(__dirname, '../../../src/wire')),
      handler: 'index.handler',
      runtime: lambda.Runtime.NODEJS_22_X,
    });
    new Stack(new Stage(app, 'Prod'), 'Inner', { stackName: 'named' });
    const { directory } = app.synth();

    const { stacks } = readAssembly(directory);
    const described = stacks.map(({ stackName, displayName, account, region }) => [
      stackName,
      displayName,
      account,
      region,
    ]);
    expect(described).toEqual([
      ['named', 'Prod/Inner', undefined, undefined],
      ['Api', 'Api', '222222222222', 'eu-west-1'],
    ]);
    const api = stacks[1];
    const logicalId = stack.getLogicalId(fn.node.defaultChild as lambda.CfnFunction);
    expect(api?.constructPaths.get(logicalId)).toBe('Api/Fn/Resource');
    const code = api?.template.Resources?.[logicalId]?.Properties?.['Code'] as { S3Key: string } | undefined;
    expect(api?.assets.filter(({ objectKeys }) => objectKeys.includes(code?.S3Key ?? ''))).toMatchObject([
      { packaging: 'zip' },
    ]);
  });

  test('orders stacks by their dependencies', () => {
    const directory = writeAssembly({
      A: { ...EMPTY, dependencies: ['B'] },
      B: { ...EMPTY, dependencies: ['C'] },
      C: EMPTY,
    });
    expect(readAssembly(directory).stacks.map(({ id }) => id)).toEqual(['C', 'B', 'A']);
  });

  test('names stacks that depend on each other', () => {
    const directory = writeAssembly({ A: { ...EMPTY, dependencies: ['B'] }, B: { ...EMPTY, dependencies: ['A'] } });
    expect(() => readAssembly(directory)).toThrow('stacks depend on each other: A → B → A');
  });

  test('says that a folder is no cloud assembly', () => {
    expect(() => readAssembly('/nowhere')).toThrow(
      "'/nowhere' is not a cloud assembly: it has no manifest.json; run 'cdk synth' first",
    );
  });

  test('names a template that is missing or not JSON', () => {
    const directory = writeAssembly({ A: EMPTY });
    writeFileSync(join(directory, 'A.template.json'), '{');
    expect(() => readAssembly(directory)).toThrow(/A\.template\.json' is not JSON/);
    rmSync(join(directory, 'A.template.json'));
    expect(() => readAssembly(directory)).toThrow(/A\.template\.json', which cannot be read; run 'cdk synth' again/);
  });

  test('reads an assembly from the future, and says so when it cannot', () => {
    const directory = writeAssembly({ A: EMPTY });
    const manifest = (artifact: object) =>
      writeFileSync(
        join(directory, 'manifest.json'),
        JSON.stringify({ version: '99.0.0', artifacts: { A: artifact } }),
      );
    manifest({
      type: 'aws:cloudformation:stack',
      environment: 'aws://1/r',
      properties: { templateFile: 'A.template.json' },
      new: 1,
    });
    expect(readAssembly(directory).stacks).toHaveLength(1);
    manifest({ type: 'aws:cloudformation:stack', environment: 'aws://1/r', properties: { templates: [] } });
    expect(() => readAssembly(directory)).toThrow(
      /schema version 99\.0\.0 is newer than 55.*update cdk-lambda-streaming/,
    );
  });

  test('tells the values of AWS that an app still waits for', () => {
    const app = new App({ outdir: temporaryFolder() });
    const stack = new Stack(app, 'S', { env: { account: '111111111111', region: 'eu-west-1' } });
    ssm.StringParameter.valueFromLookup(stack, '/some/parameter');
    const { directory } = app.synth();
    expect(readAssembly(directory).missingContext).toEqual([expect.stringMatching(/^ssm:.*\/some\/parameter/)]);
  });

  test('refuses assets that an external command would make', () => {
    const directory = writeAssembly({ A: EMPTY });
    const files = { h: { displayName: 'Late', source: { executable: ['make'] }, destinations: {} } };
    writeFileSync(join(directory, 'assets.json'), JSON.stringify({ files }));
    expect(() => readAssembly(directory)).toThrow("asset 'Late' is made by an external command at publishing time");
  });
});

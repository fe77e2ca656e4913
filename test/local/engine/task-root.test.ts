import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { type LocalTarget, startLocal } from 'cdk-lambda-streaming/local';
import { TaskRoots } from '../../../src/local/engine/task-root';
import { functionResources, removeFolders, temporaryFolder, writeAssembly } from './write-assembly';

afterEach(removeFolders);

function write(folder: string, files: Readonly<Record<string, string>>): string {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

describe('a task root', () => {
  const roots = new TaskRoots();
  afterEach(() => roots.clear());

  test('has files, folders, modes and inner links of the asset', () => {
    const asset = write(temporaryFolder(), { 'a/b.js': 'b', 'run.sh': '#!/bin/sh' });
    chmodSync(join(asset, 'run.sh'), 0o755);
    symlinkSync('a/b.js', join(asset, 'link.js'));
    const root = roots.copyOf(asset);
    expect(readFileSync(join(root, 'link.js'), 'utf8')).toBe('b');
    expect(statSync(join(root, 'run.sh')).mode & 0o111).toBe(0o111);
    writeFileSync(join(root, 'link.js'), 'changed by the function');
    expect(readFileSync(join(asset, 'a/b.js'), 'utf8')).toBe('b');
  });

  test('holds what a link out of the asset leads to, and no endless folder', () => {
    const outside = write(temporaryFolder(), { 'lib/index.js': 'lib' });
    const asset = write(temporaryFolder(), { 'index.js': '' });
    symlinkSync(join(outside, 'lib'), join(asset, 'lib'));
    symlinkSync(asset, join(asset, 'self'));
    symlinkSync('gone', join(asset, 'dangling'));
    const root = roots.copyOf(asset);
    rmSync(outside, { recursive: true });
    expect(readFileSync(join(root, 'lib/index.js'), 'utf8')).toBe('lib');
    expect(existsSync(join(root, 'self'))).toBe(false);
  });

  test('lies where no node_modules is above it, even when the temporary folder is in a project', () => {
    const project = mkdtempSync(join(tmpdir(), 'task-root-'));
    const before = process.env['TMPDIR'];
    process.env['TMPDIR'] = join(write(project, { 'node_modules/x/index.js': '', 'tmp/keep': '' }), 'tmp');
    try {
      expect(roots.once('hash', undefined, () => undefined).startsWith(project)).toBe(false);
    } finally {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
      rmSync(project, { recursive: true });
    }
  });
});

describe('the code of a function that runs', () => {
  let local: LocalTarget;
  beforeEach(async () => {
    local = await startLocal();
  });
  afterEach(() => local.stop());

  /** The result of a function whose staged folder lies in a project, or the error it ends with. */
  async function result(source: string, project: Readonly<Record<string, string>> = {}, name = 'index.js') {
    const code = { S3Bucket: 'assets', S3Key: '1.zip' };
    const Resources = functionResources({ FunctionName: 'fn', Timeout: 20, Code: code });
    const files = { ...project, [`asset.1/${name}`]: source };
    const assembly = writeAssembly({ S: { template: { Resources } } }, files, {
      '1': { path: 'asset.1', packaging: 'zip' },
    });
    const { warnings } = await local.deploy(assembly);
    const client = new LambdaClient(local.clientConfig({ as: 'arn:aws:iam::111111111111:root' }));
    const { Payload } = await client.send(new InvokeCommand({ FunctionName: 'fn' }));
    client.destroy();
    return { answer: JSON.parse(Buffer.from(Payload ?? []).toString()), warnings };
  }

  test("is CommonJS in a project of type 'module', as on AWS", async () => {
    const project = { 'package.json': '{ "type": "module" }' };
    const { answer } = await result('module.exports.handler = async () => "commonjs";', project);
    expect(answer).toBe('commonjs');
  });

  test('does not find the node_modules of the project', async () => {
    const project = { 'node_modules/stranger/index.js': 'module.exports = 1;' };
    const { answer } = await result('exports.handler = async () => require("stranger");', project);
    expect(answer.errorMessage).toContain("Cannot find module 'stranger'");
  });

  test.each([
    [
      'index.js',
      'const sdk = require("@aws-sdk/client-lambda"); exports.handler = async () => typeof sdk.LambdaClient;',
    ],
    [
      'index.mjs',
      'import * as sdk from "@aws-sdk/client-lambda"; export const handler = async () => typeof sdk.LambdaClient;',
    ],
  ])('finds the AWS SDK that the runtime has, from %s', async (name, source) => {
    expect(await result(source, {}, name)).toEqual({ answer: 'function', warnings: [] });
  });

  test('takes the SDK of the project that cdk.out lies in before any other', async () => {
    const project = {
      'node_modules/@aws-sdk/client-lambda/package.json': '{ "name": "@aws-sdk/client-lambda", "version": "0.0.1" }',
      'node_modules/@aws-sdk/client-lambda/index.js': 'exports.mine = true;',
    };
    const { answer } = await result(
      'const { mine } = require("@aws-sdk/client-lambda"); exports.handler = async () => mine;',
      project,
    );
    expect(answer).toBe(true);
  });

  test.each([
    'const later = () => import("@aws-sdk/client-nowhere");',
    'const later = () => Promise.resolve().then(() => __toESM(require("@aws-sdk/client-nowhere")));',
    'const later=()=>Promise.resolve().then(()=>a(require("@aws-sdk/client-nowhere"),1));',
  ])('does not warn of what is loaded later, if at all: %s', async (source) => {
    expect(await result(`${source} exports.handler = async () => 1;`)).toEqual({ answer: 1, warnings: [] });
  });

  test('deploys with a warning when it imports a part of the SDK that the project lacks', async () => {
    const { answer, warnings } = await result(
      'const x = require("@aws-sdk/client-nowhere"); exports.handler = async () => x;',
    );
    expect(answer.errorType).toBe('Runtime.ImportModuleError');
    expect(warnings).toEqual([
      "S/Fn: function 'fn' will fail with Runtime.ImportModuleError when invoked: Lambda's runtime has " +
        "@aws-sdk/client-nowhere, and this project does not; run 'npm install --save-dev @aws-sdk/client-nowhere'",
    ]);
  });
});

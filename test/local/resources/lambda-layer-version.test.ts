/** Functions with layers of their own stacks. */
import { createHash } from 'node:crypto';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { type Deployment, type LocalTarget, startLocal } from 'cdk-lambda-streaming/local';
import { functionResources, removeFolders, writeAssembly } from '../engine/write-assembly';

const ENV = { account: '111111111111', region: 'eu-west-1' };
const LAYER_ARN = `arn:aws:lambda:${ENV.region}:${ENV.account}:layer:tools`;

let local: LocalTarget;
beforeEach(async () => {
  local = await startLocal();
});
afterEach(async () => {
  await local.stop();
  removeFolders();
});

const pkg = (value: string) => `module.exports = '${value}';`;
/** Requires a package, or imports it by a name after 'import', or tells the code of the error. */
const REQUIRING = `exports.handler = async (name) => {
  const [last, how] = name.split(' ').reverse();
  try { return how ? (await import(last)).default : require(last); } catch (error) { return error.code; }
};`;

interface Layer {
  readonly files: Readonly<Record<string, string>>;
  readonly LayerName?: string;
}

function deploy(
  layers: Readonly<Record<string, Layer>>,
  Layers: readonly unknown[],
  code = REQUIRING,
  more: Readonly<Record<string, object>> = {},
): Promise<Deployment> {
  const assets: Record<string, { path: string; packaging: 'zip' }> = {};
  const written: Record<string, string> = {};
  const versions: Record<string, object> = {};
  for (const [id, { files, ...names }] of Object.entries(layers)) {
    const hash = createHash('sha256').update(JSON.stringify(files)).digest('hex');
    assets[hash] = { path: id, packaging: 'zip' };
    for (const [path, content] of Object.entries(files)) written[join(id, path)] = content;
    const Content = { S3Bucket: 'assets', S3Key: `${hash}.zip` };
    versions[id] = { Type: 'AWS::Lambda::LayerVersion', Properties: { Content, ...names } };
  }
  const Resources = {
    ...versions,
    ...functionResources({ FunctionName: 'f', Layers, Code: { ZipFile: code } }),
    ...more,
  } as Record<string, { Type: string }>;
  const Outputs = Object.fromEntries(Object.keys(layers).map((id) => [id, { Value: { Ref: id } }]));
  const directory = writeAssembly({ S: { ...ENV, template: { Resources, Outputs } } }, written, assets);
  for (const file of Object.keys(written)) chmodSync(join(directory, file), 0o755);
  return local.deploy(directory);
}

async function invoke(event: string, Qualifier?: string): Promise<unknown> {
  const client = new LambdaClient(local.clientConfig({ as: `arn:aws:iam::${ENV.account}:root` }));
  const Payload = Buffer.from(JSON.stringify(event));
  const answer = await client.send(new InvokeCommand({ FunctionName: 'f', Payload, ...(Qualifier && { Qualifier }) }));
  client.destroy();
  return JSON.parse(Buffer.from(answer.Payload ?? []).toString());
}

test('require finds the packages of layers, those of the later layer and of the runtime first', async () => {
  const { warnings } = await deploy(
    {
      One: {
        files: { 'nodejs/node_modules/a/index.js': pkg('a of One'), 'nodejs/node_modules/b/index.js': pkg('b of One') },
      },
      Two: {
        files: {
          'nodejs/node_modules/b/index.js': pkg('b of Two'),
          'nodejs/node_modules/c/index.js': pkg('c of Two'),
          'nodejs/node24/node_modules/c/index.js': pkg('c of Two for nodejs24'),
          'nodejs/node22/node_modules/d/index.js': pkg('d of Two for nodejs22'),
        },
      },
    },
    [{ Ref: 'One' }, { Ref: 'Two' }],
  );
  expect(warnings).toEqual([]);
  const found = [];
  for (const name of ['a', 'b', 'c', 'd']) found.push(await invoke(name));
  expect(found).toEqual(['a of One', 'b of Two', 'c of Two for nodejs24', 'MODULE_NOT_FOUND']);
  expect(await invoke('import a')).toBe('ERR_MODULE_NOT_FOUND'); // NODE_PATH is for require alone
});

test('a layer that a function does not have is not there', async () => {
  const layers = { One: { files: { 'nodejs/node_modules/a/index.js': pkg('a of One') } } };
  await deploy(layers, []);
  expect(await invoke('a')).toBe('MODULE_NOT_FOUND');
});

test('programs of a layer are in the PATH', async () => {
  const run = "exports.handler = async () => require('node:child_process').execFileSync('tool', { encoding: 'utf8' });";
  await deploy({ One: { files: { 'bin/tool': '#!/bin/sh\necho made by the tool' } } }, [{ Ref: 'One' }], run);
  expect(await invoke('')).toBe('made by the tool\n');
});

test('a new content is a new version, and a published version of a function keeps its own', async () => {
  const layers = (value: string) => ({
    Tools: { LayerName: 'tools', files: { 'nodejs/node_modules/a/index.js': pkg(value) } },
  });
  const Properties = { FunctionName: { Ref: 'Fn' } };
  const version = (id: string) => ({ [id]: { Type: 'AWS::Lambda::Version', DeletionPolicy: 'Retain', Properties } });
  await deploy(layers('first'), [{ Ref: 'Tools' }], REQUIRING, version('V1'));
  expect(local.outputs('S')).toEqual({ Tools: `${LAYER_ARN}:1` });
  // The last two change nothing: by then the folder of the first would be removed if nobody had it.
  for (let i = 0; i < 3; i++) await deploy(layers('second'), [{ Ref: 'Tools' }], REQUIRING, version('V2'));
  expect(local.outputs('S')).toEqual({ Tools: `${LAYER_ARN}:2` });
  expect([await invoke('a', '1'), await invoke('a')]).toEqual(['first', 'second']);
});

describe('a warning tells', () => {
  test('a layer of somebody else', async () => {
    const { warnings } = await deploy({}, ['arn:aws:lambda:eu-west-1:580247275435:layer:LambdaInsightsExtension:53']);
    expect(warnings).toEqual([
      "S/Fn: no stack here has the layer 'arn:aws:lambda:eu-west-1:580247275435:layer:LambdaInsightsExtension:53' of function 'f': it is left out",
    ]);
  });

  test('extensions', async () => {
    const { warnings } = await deploy({ Tools: { LayerName: 'tools', files: { 'extensions/spy': 'x' } } }, [
      { Ref: 'Tools' },
    ]);
    expect(warnings).toEqual([`S/Fn: the extensions in the layer '${LAYER_ARN}:1' of function 'f' do not run here`]);
  });

  test('code that looks for a layer under /opt', async () => {
    const code = "exports.handler = async () => require('/opt/nodejs/a');";
    const { warnings } = await deploy({ One: { files: { 'nodejs/a.js': pkg('a') } } }, [{ Ref: 'One' }], code);
    expect(warnings).toEqual([
      "S/Fn: function 'f' names '/opt/nodejs/a', and layers have another place here: require packages by their names",
    ]);
  });

  test('nothing where a layer brings the AWS SDK', async () => {
    const code = "const x = require('@aws-sdk/client-made-up'); exports.handler = async () => x;";
    const layers = { One: { files: { 'nodejs/node_modules/@aws-sdk/client-made-up/index.js': pkg('made up') } } };
    expect((await deploy(layers, [{ Ref: 'One' }], code)).warnings).toEqual([]);
    expect(await invoke('')).toBe('made up');
  });
});

test('six layers are refused', async () => {
  await expect(deploy({}, ['1', '2', '3', '4', '5', '6'])).rejects.toThrow('must have at most 5 layers, got ["1","2"');
});

/** The real `NodejsFunction` is the oracle: equal options must give an equal asset hash. Many more are in test-slow. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as nodejs from 'aws-cdk-lib/aws-lambda-nodejs';
import { FileSystem } from 'aws-cdk-lib/core';
import { assetFingerprint } from '../../../src/constructs/bundling/assets/asset-fingerprint';
import { readFiles } from '../../../src/constructs/bundling/assets/bundle-files';
import { nodejsFunctionHash, oracleProject } from './nodejs-function-oracle';
import { removeProjects, synth } from './project';

afterAll(removeProjects);

const project = oracleProject({
  'src/handler.ts': [
    "import { Logger } from '@aws-sdk/nothing';",
    "import { deep } from './lib';",
    'interface Event { readonly name: string }',
    "export const handler = async ({ name }: Event) => new Logger().info(deep?.(name) ?? 'ünïcode', process.env.DEBUG);",
  ].join('\n'),
  'src/lib/index.ts': "export * from './deep';",
  'src/lib/deep.ts': 'export const deep = (text: string) => text.toUpperCase();',
  'tsconfig.json': '{ "compilerOptions": { "target": "ES2022", "useDefineForClassFields": false } }',
});

test.each<[string, nodejs.BundlingOptions]>([
  ['defaults', {}],
  [
    'many options',
    {
      minify: true,
      keepNames: true,
      target: 'node20',
      format: nodejs.OutputFormat.ESM,
      banner: '/* banner */',
      footer: '/* footer */',
      define: { 'process.env.DEBUG': JSON.stringify('yes') },
      externalModules: ['@aws-sdk/*', 'left-out'],
      mainFields: ['module', 'main'],
      sourceMap: true,
      sourcesContent: false,
      esbuildArgs: { '--log-limit': '0', '--tree-shaking': 'true' },
    },
  ],
])('has the asset hash of NodejsFunction: %s', (_name, bundling) => {
  expect(synth(project.path('src/handler.ts'), { ...bundling, cache: false }).hash).toBe(
    nodejsFunctionHash(project, bundling),
  );
});

test("computes the framework's fingerprint, whatever the bytes", () => {
  const dir = project.path('bytes');
  const long = 'x'.repeat(8 * 1024 - 1);
  project.write({
    'bytes/b.js': 'plain',
    'bytes/crlf.js': 'a\r\nb\rc\r\n',
    'bytes/cut-crlf.js': `${long}\r\nrest`,
    'bytes/cut-character.js': `${long}ünïcode`,
    'bytes/characters.js': `${'ünïcode '.repeat(2)}${'y'.repeat(20_000)}€`,
    'bytes/ends-with-cr.js': 'a\r',
    'bytes/empty.js': '',
    'bytes/b/inner.js': 'inner',
    'bytes/b-c.js': 'sorts between',
    'bytes/binary.bin': 'a\0b\r\nc',
  });
  fs.writeFileSync(path.join(dir, 'no-utf8.js'), Buffer.from([0x61, 0xe9, 0x62]));
  expect(assetFingerprint(readFiles(dir))).toBe(FileSystem.fingerprint(dir));
});

import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { Project, passesSince, removeProjects, settled, synth } from '../../test/constructs/bundling/project';

afterAll(removeProjects);

test('parallel synths of one project agree and leave whole entries', async () => {
  const project = Project.create({ 'src/handler.ts': "export const handler = () => 'cached';" });
  const entry = project.path('src/handler.ts');
  await settled();
  const { hash } = synth(entry, { cache: false });
  const script = project.path('synth.cjs');
  project.write({
    'synth.cjs': `
      require(${JSON.stringify(require.resolve('tsx/cjs'))});
      const { App, Stack } = require(${JSON.stringify(require.resolve('aws-cdk-lib/core'))});
      const lambda = require(${JSON.stringify(require.resolve('aws-cdk-lib/aws-lambda'))});
      const { StreamingCode } = require(${JSON.stringify(path.resolve('src/constructs/streaming-code.ts'))});
      for (let round = 0; round < 4; round++) {
        const stack = new Stack(new App({ outdir: __dirname + '/cdk.out-' + process.argv[2] + '-' + round }), 'Stack');
        const code = StreamingCode.fromEntry(${JSON.stringify(entry)}, { eager: true });
        new lambda.Function(stack, 'Fn', { code, handler: 'index.handler', runtime: lambda.Runtime.NODEJS_22_X });
        console.log(code.assetHash);
      }`,
  });
  const outputs = await Promise.all(['a', 'b', 'c'].map((name) => output(process.execPath, [script, name])));
  expect(new Set(outputs.join('').trim().split('\n'))).toEqual(new Set([hash]));
  expect(project.cacheEntries()).toHaveLength(1);
  passesSince();
  expect(synth(entry).hash).toBe(hash);
  expect(passesSince()).toBe(0);
});

function output(file: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (chunk) => (text += chunk));
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve(text) : reject(new Error(`exit code ${code}`))));
  });
}

test('preCompilation compiles with tsc first, for decorator metadata', () => {
  const project = Project.create({
    'src/decorated.ts': `
    const seen: unknown[] = [];
    const param = (target: object, key: string) => { seen.push(Reflect.get(Reflect, 'getMetadata')?.('design:type', target, key)); };
    class Event { @param name: string = ''; }
    export const handler = () => [seen, new Event()];`,
    'tsconfig.json':
      '{ "compilerOptions": { "experimentalDecorators": true, "emitDecoratorMetadata": true, "target": "es2022", "module": "es2022", "skipLibCheck": true } }',
  });
  const { dir } = synth(project.path('src/decorated.ts'), { preCompilation: true });
  expect(fs.readFileSync(path.join(dir, 'index.js'), 'utf8')).toContain('design:type');
});

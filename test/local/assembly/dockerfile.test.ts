import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Architecture, DockerImageCode, DockerImageFunction, FunctionUrlAuthType } from 'aws-cdk-lib/aws-lambda';
import { App, CfnOutput, Stack } from 'aws-cdk-lib/core';
import { startLocal } from 'cdk-lambda-streaming/local';
import { dockerfileProgram } from '../../../src/local/assembly/dockerfile';

const ADAPTER =
  'COPY --from=public.ecr.aws/awsguru/aws-lambda-adapter:0.9.1 /lambda-adapter /opt/extensions/lambda-adapter';
const SERVER = `require('node:http').createServer((request, response) => response.end(process.env.GREETING + ' ' + process.env.OWN)).listen(process.env.PORT);`;

let context: string;
beforeEach(() => {
  context = mkdtempSync(join(tmpdir(), 'image-'));
  mkdirSync(join(context, 'src'));
  writeFileSync(join(context, 'src/server.js'), SERVER);
  writeFileSync(join(context, 'app.py'), '');
});
afterEach(() => rmSync(context, { recursive: true, force: true }));

function program(...lines: readonly string[]) {
  writeFileSync(join(context, 'Dockerfile'), ['FROM node:22', ...lines].join('\n'));
  const found = dockerfileProgram(context);
  return found && [found.command, found.cwd?.slice(context.length), found.environment];
}

test('a web server whose files are copied as they are shows its program, folder and environment', () => {
  expect(
    program(
      ADAPTER,
      '# ENV NO=1',
      'ENV PORT=3000 \\',
      '  NAME="a b"',
      'ENV OLD form',
      'WORKDIR "/var/task"',
      'ADD src/ /var/task/',
      'CMD ["node", "server.js"]',
    ),
  ).toEqual([['node', 'server.js'], '/src', { PORT: '3000', NAME: 'a b', OLD: 'form' }]);
  const [python, entry] = ['ENTRYPOINT ["python3"]', 'CMD ["-u", "app.py"]'];
  expect(program(ADAPTER, 'WORKDIR /app', 'COPY app.py ./', python, entry)).toEqual([
    ['python3', '-u', 'app.py'],
    '',
    {},
  ]);
  expect(program(ADAPTER, 'WORKDIR /app', 'COPY . .', 'CMD node src/server.js')?.[1]).toBe('');
});

test.each<[string, readonly string[]]>([
  ['has no adapter', ['WORKDIR /app', 'COPY . .', 'CMD ["node", "src/server.js"]']],
  [
    'runs what is built in it',
    [ADAPTER, 'WORKDIR /app', 'COPY . .', 'RUN npm run build', 'CMD ["node", "dist/server.js"]'],
  ],
  [
    'has its files from another stage',
    [ADAPTER, 'WORKDIR /app', 'COPY --from=build /app .', 'CMD ["node", "src/server.js"]'],
  ],
  ['asks a shell', [ADAPTER, 'WORKDIR /app', 'COPY . .', 'CMD cd src && node server.js']],
  ['runs a program of its own', [ADAPTER, 'WORKDIR /app', 'COPY . .', 'CMD ["./server"]']],
])('an image that %s does not show it', (_what, lines) => {
  expect(program(...lines)).toBeUndefined();
});

test('the image of a function is played so, and a warning says by what', async () => {
  program(ADAPTER, 'ENV GREETING=hello OWN=image', 'WORKDIR /app', 'COPY src/ .', 'CMD ["node", "server.js"]');
  const app = new App({ outdir: join(context, 'cdk.out') });
  const stack = new Stack(app, 'S', { env: { account: '111111111111', region: 'eu-west-1' } });
  const code = DockerImageCode.fromImageAsset(context, { exclude: ['cdk.out'] });
  const fn = new DockerImageFunction(stack, 'Web', {
    code,
    architecture: Architecture.ARM_64,
    environment: { OWN: 'function' },
  });
  new CfnOutput(stack, 'Url', { value: fn.addFunctionUrl({ authType: FunctionUrlAuthType.NONE }).url });
  const local = await startLocal();
  try {
    const { warnings } = await local.deploy(app.synth().directory);
    expect(warnings).toEqual([
      expect.stringMatching(/is played by 'node server.js' in '.*src', as its Dockerfile says/),
    ]);
    const answer = await fetch(local.outputs('S')['Url'] ?? '');
    expect(await answer.text()).toBe('hello function');
  } finally {
    await local.stop();
  }
});

/**
 * Installs the packed tarball in an empty project, as a user would, and uses every entry point.
 * Needs a build (`npm run build`): what is tested is what would be published.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { nodeRelease, onLinuxX64 } from '../node-release';
import { ConsumerProject, packTarball } from './packed';

const root = join(__dirname, '..', '..');
const sources = join(__dirname, 'consumer');
const CDK = ['aws-cdk-lib@2.257.0', 'constructs@10.5.1'];
const SDK = '@aws-sdk/client-lambda@3.1164.0';
const TOOLS = ['typescript@5.9.3', 'jest@30.5.2', 'vitest@3.2.4', 'zod@4.6.7', '@types/node@20'];

let tarball: string;
const project = new ConsumerProject();
const run = project.run.bind(project);

beforeAll(async () => {
  tarball = await packTarball();
  for (const file of readdirSync(sources)) copyFileSync(join(sources, file), join(project.folder, file));
  project.install(tarball);
});
afterAll(() => project.remove());

describe('the tarball', () => {
  test('holds the library and nothing of the workshop', () => {
    const files = execFileSync('tar', ['tzf', tarball], { encoding: 'utf8' }).trim().split('\n');
    const top = new Set(files.map((file) => file.replace(/^package\//, '').split('/')[0]));
    expect([...top].sort()).toEqual(
      ['.jsii', 'API.md', 'LICENSE', 'README.md', 'assets', 'docs', 'lib', 'package.json', 'rosetta'].sort(),
    );
  });

  test('carries the runtime interface client with its licence', () => {
    const files = execFileSync('tar', ['tzf', tarball], { encoding: 'utf8' });
    for (const file of ['index.mjs', 'LICENSE', 'NOTICE', 'rapid-client.node/index.js']) {
      expect(files).toContain(`package/assets/ric/${file}`);
    }
  });

  test('carries the page of the console with its licences', () => {
    const files = execFileSync('tar', ['tzf', tarball], { encoding: 'utf8' });
    expect(files).toContain('package/assets/console/index.html');
    expect(files).toContain('package/assets/console/THIRD-PARTY-LICENSES');
    expect(files).toContain('package/assets/yaml/LICENSE');
  });

  test('carries the documents for users, and not the decisions', () => {
    const files = execFileSync('tar', ['tzf', tarball], { encoding: 'utf8' });
    expect(files).toContain('package/docs/grants.md');
    expect(files).not.toContain('package/docs/decisions');
    expect(files).not.toContain('package/docs/images');
  });

  test('has what its documents link to', () => {
    const files = new Set(execFileSync('tar', ['tzf', tarball], { encoding: 'utf8' }).trim().split('\n'));
    const has = (path: string) => [...files].some((file) => file === path || file.startsWith(`${path}/`));
    const pages = [...files].filter((file) => /^package\/(docs\/.*|README|API)\.md$/.test(file));
    expect(pages).toEqual(expect.arrayContaining(['package/README.md', 'package/API.md', 'package/docs/grants.md']));
    const dead = pages.flatMap((page) => {
      // As it is installed: tar would unpack all of it for each page.
      const text = readFileSync(
        join(project.folder, 'node_modules', page.replace(/^package/, 'cdk-lambda-streaming')),
        'utf8',
      );
      return [...text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
        .map(([, link = '']) => link)
        .filter((link) => !/^[a-z]+:/.test(link))
        .filter((link) => !has(posix.join(posix.dirname(page), link).replace(/\/$/, '')))
        .map((link) => `${page} → ${link}`);
    });
    expect(dead).toEqual([]);
  });

  test('asks for no peer, and says which versions of each it takes', () => {
    const text = execFileSync('tar', ['xzOf', tarball, 'package/package.json'], { encoding: 'utf8' });
    const { peerDependencies, peerDependenciesMeta, optionalPeerRanges } = JSON.parse(text);
    const peers = ['@aws-sdk/client-cloudformation', '@aws-sdk/client-lambda', '@aws-sdk/client-ssm'];
    expect(Object.keys(peerDependencies)).toEqual([...peers, 'aws-cdk-lib', 'constructs', 'esbuild']);
    for (const name of Object.keys(peerDependencies)) expect(peerDependenciesMeta[name]).toEqual({ optional: true });
    expect(peerDependencies['@aws-sdk/client-lambda']).toMatch(/^>=3\./);
    expect(optionalPeerRanges).toBeUndefined();
  });

  test('is not made by npm from the repository itself', () => {
    const listing = execFileSync('npm', ['pack', '--dry-run', '--json'], { cwd: root, encoding: 'utf8' });
    const [{ files }] = JSON.parse(listing) as [{ files: { path: string }[] }];
    // npm never leaves these out; nothing of the library works without the rest.
    expect(files.map(({ path }) => path).sort()).toEqual(
      ['LICENSE', 'README.md', 'lib/cli/main.js', 'lib/index.js', 'package.json'].sort(),
    );
  });
});

describe('a project that only calls', () => {
  test('gets the package and nothing else', () => {
    expect(project.installed()).toEqual(['cdk-lambda-streaming']);
  });

  test('runs the command line, which has no dependency', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    expect(run('npx', 'cdk-lambda-streaming', '--version')).toEqual({ code: 0, output: `${version}\n` });
    const { code, output } = run(
      'npx',
      'cdk-lambda-streaming',
      'conformance',
      '--rows',
      '1-4',
      '--handler',
      'conforming.mjs',
    );
    expect(output).toMatch(/\n4 of 4 right\n$/);
    expect(code).toBe(0);
  });

  test('imports the invoker and is told what to install when it invokes', () => {
    const { code, output } = run('node', 'no-sdk.mjs');
    expect(output).toContain('npm install @aws-sdk/client-lambda');
    expect(code).toBe(0);
  });
});

describe('a project with the AWS SDK', () => {
  beforeAll(() => project.install(SDK));

  test('has not got the CDK by that', () => {
    expect(project.installed().filter((name) => /cdk|constructs/.test(name))).toEqual(['cdk-lambda-streaming']);
  });
});

describe('a project of a CDK app', () => {
  beforeAll(() => project.install(...CDK, ...TOOLS));

  test('loads a construct when it is asked for, and no service of AWS before', () => {
    const loaded = `Object.keys(require.cache).map((file) => file.split(/[\\\\/]/).join('/'))
      .map((file) => /aws-cdk-lib\\/(aws-[^/]+)\\//.exec(file)?.[1]).filter(Boolean)`;
    const script = (use: string) =>
      `require('aws-cdk-lib/core'); require('aws-cdk-lib/aws-lambda').Function; require('aws-cdk-lib/aws-iam').Role;
      const before = new Set(${loaded}); const library = require('cdk-lambda-streaming'); ${use};
      console.log(JSON.stringify([...new Set(${loaded})].filter((name) => !before.has(name)).sort()))`;
    const added = (use: string): string[] =>
      JSON.parse(execFileSync(process.execPath, ['-e', script(use)], { cwd: project.folder, encoding: 'utf8' }));
    expect(added('')).toEqual([]);
    expect(added('library.StreamingFunction')).toEqual([]);
    expect(added('library.StreamingRestApi')).toContain('aws-apigateway');
    const names = execFileSync(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        "import { StreamingFunction, WebAdapter } from 'cdk-lambda-streaming'; console.log(StreamingFunction.name, WebAdapter.name)",
      ],
      { cwd: project.folder, encoding: 'utf8' },
    );
    expect(names.trim()).toBe('StreamingFunction WebAdapter');
  });

  test('imports the constructs', () => {
    expect(run('node', 'root.cjs')).toEqual({ code: 0, output: 'root ok\n' });
  });

  test.each(['require.cjs', 'import.mjs'])('%s: every entry point loads and has its main export', (file) => {
    expect(run('node', file)).toEqual({ code: 0, output: 'entries ok\n' });
  });

  test('a stream runs from the installed handler through the installed local target to the installed invoker', () => {
    expect(run('node', 'stream.mjs')).toEqual({ code: 0, output: 'one two three (3)\n' });
  });

  test('the installed command line starts the app, calls its function and ends', () => {
    const { code, output } = run('node', 'cli.mjs');
    expect(output).toMatch(/^hello you\nended with 0\n/m);
    expect(output).toContain('Stopped; nothing is left.');
    expect(code).toBe(0);
  });

  test('jest, in CommonJS, runs a test against the package', () => {
    const { code, output } = run('npx', 'jest', '--ci', 'consumer.spec.cjs');
    expect(output).toContain('2 passed');
    expect(code).toBe(0);
  });

  test.each([
    ['jest', ['jest', '--ci=false', 'fixture.spec.cjs'], '__snapshots__/fixture.spec.cjs.snap'],
    ['vitest', ['vitest', 'run', '--pool=threads', 'fixture.test.mjs'], '__snapshots__/fixture.test.mjs.snap'],
  ])(
    '%s runs the fixture, the matchers and the serializer, and shows the log of a test that fails',
    (_, command, file) => {
      const { code, output } = run('npx', ...command);
      expect(output).toMatch(/1 failed \| 2 passed|1 failed, 2 passed/);
      expect(output).toMatch(/should be .*hello you.*, got .*hello nobody.*The functions logged:.*greeting nobody/s);
      expect(output).not.toContain('greeting you');
      expect(code).toBe(1);
      expect(readFileSync(join(project.folder, file), 'utf8')).toMatch(/FnCurrentVersion[0-9A-F]{8}\[revision\]/);
    },
  );

  describe('TypeScript accepts typed use and refuses wrong types', () => {
    const ways = [
      ['node16', 'node16'],
      ['esnext', 'bundler'],
      ['commonjs', 'node10'],
    ] as const;
    let found: Readonly<Record<string, string>>;
    beforeAll(() => {
      const { code, output } = run('node', 'typecheck.cjs', JSON.stringify(ways));
      if (code !== 0) throw new Error(output);
      found = JSON.parse(output);
    });

    test.each(ways)('with module %s, moduleResolution %s', (kind) => {
      // Nothing but the number of files, our own declarations among them.
      expect(found[kind]).toMatch(/^\d{2,} files$/);
    });
  });

  (onLinuxX64 ? describe : describe.skip)('on other Node.js releases', () => {
    const cases = ([22, 24] as const).flatMap((line) => [
      [line, 'root.cjs', 'root ok\n'] as const,
      [line, 'require.cjs', 'entries ok\n'] as const,
      [line, 'import.mjs', 'entries ok\n'] as const,
      [line, 'stream.mjs', 'one two three (3)\n'] as const,
    ]);

    test.each(cases)('Node.js %s runs %s', (line, file, output) => {
      expect(run(nodeRelease(line), file)).toEqual({ code: 0, output });
    });
  });
});

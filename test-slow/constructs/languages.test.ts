/**
 * The constructs as packages for other languages: generated only, because their toolchains are not everywhere.
 * That their examples can be translated is what `npm run docs:check` finds out.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compiledPackage } from '../../test/jsii-assembly';

const ROOT = join(__dirname, '../..');
const ENV = { ...process.env, JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '20' };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'languages-'));
  const compiled = compiledPackage();
  for (const path of ['package.json', '.jsii', 'lib', 'README.md', 'LICENSE', 'tsconfig.json']) {
    cpSync(join(compiled, path), join(folder, path), { recursive: true });
  }
  cpSync(join(ROOT, 'rosetta'), join(folder, 'rosetta'), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(bin: string, ...options: string[]): string {
  return execFileSync(process.execPath, [join(ROOT, 'node_modules', bin), ...options], {
    cwd: folder,
    env: ENV,
    encoding: 'utf8',
    stdio: 'pipe',
  });
}

/** Text of all generated files with this ending. */
function generated(language: string, ending: string): string {
  const files = readdirSync(join(folder, 'dist', language), { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith(ending),
  );
  return files.map((file) => readFileSync(join(folder, 'dist', language, file), 'utf8')).join('\n');
}

test.each([
  ['python', '.py', /class StreamingFunction\(\s*_?aws_cdk/],
  ['java', '.java', /public class StreamingFunction extends software\.amazon\.awscdk\.services\.lambda\.Function/],
  [
    'go',
    '.go',
    /func NewStreamingFunction\(scope constructs\.Construct, id \*string, props \*StreamingFunctionProps\)/,
  ],
  ['dotnet', '.cs', /public class StreamingFunction : .*Amazon\.CDK\.AWS\.Lambda\.Function/],
])('%s: the constructs are there, and extend those of aws-cdk-lib', (language, ending, declaration) => {
  run('jsii-pacmak/bin/jsii-pacmak', '--code-only', '--targets', language, '--outdir', 'dist', '--no-npmignore');
  const text = generated(language, ending);
  expect(text).toMatch(declaration);
  for (const name of [
    'StreamingFunctionUrl',
    'StreamingRestApi',
    'StreamingDistribution',
    'StreamingChecks',
    'StreamingAlarms',
  ]) {
    expect(text).toContain(name);
  }
});

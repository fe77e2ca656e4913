/** What holds for every command: the version, help, wrong usage, colours, and how it is bundled. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BuiltCli, buildCli } from './support/built-cli';

let cli: BuiltCli;
beforeAll(async () => {
  cli = await buildCli();
});
afterAll(() => cli?.remove());

const { version } = JSON.parse(readFileSync(join(__dirname, '../../package.json'), 'utf8')) as { version: string };

test('--version prints the version of the package', async () => {
  expect(await cli.run(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
});

test('--help lists every command', async () => {
  const { code, stdout } = await cli.run(['--help']);
  expect(code).toBe(0);
  const commands = readdirSync(join(__dirname, '../../src/cli/commands')).map((file) => file.replace('.ts', ''));
  for (const name of commands) expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
});

test('without a command it helps, and says by its exit code that nothing was done', async () => {
  const { code, stdout, stderr } = await cli.run([]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('Usage: cdk-lambda-streaming');
});

describe('wrong usage ends with 2, does nothing and names what is near', () => {
  test.each([
    ['an unknown command', ['conformence'], "error: unknown command 'conformence'\n(Did you mean conformance?)\n"],
    [
      'an unknown option',
      ['conformance', '--handler', 'x.mjs', '--jsom'],
      "error: unknown option '--jsom'\n(Did you mean --json?)\n",
    ],
    [
      'a wrong value',
      ['conformance', '--handler', 'x.mjs', '--kind', 'express'],
      "error: option '--kind <kind>' argument 'express' is invalid. Allowed choices are fetch, node.\n",
    ],
    ['help for an unknown command', ['help', 'nope'], "error: unknown command 'nope'\n"],
    ['too much', ['conformance', 'x', '--handler', 'x.mjs'], /^error: too many arguments for 'conformance'/],
    ['a missing option', ['conformance'], "error: required option '--handler <file>' not specified\n"],
    [
      'a missing file',
      ['conformance', '--handler', 'x.mjs'],
      "error: --handler must be a JavaScript file, got 'x.mjs', which does not exist\n",
    ],
  ])('%s', async (_, args, message) => {
    const { code, stdout, stderr } = await cli.run(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toEqual(typeof message === 'string' ? message : expect.stringMatching(message));
  });

  test('as JSON also where the option ended up elsewhere', async () => {
    const { code, stdout, stderr } = await cli.run(['start', '--port', '--json']);
    expect({ code, stderr }).toEqual({ code: 2, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'USAGE' } });
  });

  test('as JSON where that was asked for', async () => {
    const { code, stdout, stderr } = await cli.run(['conformance', '--json', '--handler', 'x.mjs']);
    expect({ code, stderr }).toEqual({ code: 2, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({
      error: { code: 'USAGE', message: "--handler must be a JavaScript file, got 'x.mjs', which does not exist" },
    });
  });
});

test('help as JSON has the commands, and of one its arguments and options', async () => {
  const all = await cli.run(['--help', '--json']);
  expect(all.code).toBe(0);
  expect(JSON.parse(all.stdout)).toMatchObject({
    name: 'cdk-lambda-streaming',
    commands: expect.arrayContaining([{ name: 'dev', description: expect.stringContaining('deploy again') }]),
  });
  const { stdout } = await cli.run(['explain', '--help', '--json']);
  expect(JSON.parse(stdout)).toMatchObject({
    name: 'explain',
    arguments: [{ name: 'function', required: true }],
    options: expect.arrayContaining([
      expect.objectContaining({ name: '--action', default: 'lambda:InvokeFunction', required: false }),
    ]),
  });
});

describe('completion', () => {
  const bash = (
    line: string,
  ) => `cdk_words=(${line}); COMP_WORDS=("\${cdk_words[@]}"); COMP_CWORD=$((\${#cdk_words[@]} - 1))
    complete -p "\${COMP_WORDS[0]}" | grep -q ' -F _cdk_lambda_streaming ' && _cdk_lambda_streaming; echo "\${COMPREPLY[@]}"`;
  test.each([
    ['cdk-lambda-streaming inv', 'invoke'],
    ['npx cdk-lambda-streaming invoke --t', '--tail --timeline'],
    ['cdk-lambda-streaming completion b', 'bash'],
    ["cdk-lambda-streaming nothing ''", ''],
  ])('of bash: %s', async (line, words) => {
    const { code, stdout } = await cli.run(['completion', 'bash']);
    expect(code).toBe(0);
    const completed = execFileSync('bash', ['-c', `${stdout}\n${bash(line)}`], { encoding: 'utf8' });
    expect(completed.trim()).toBe(words);
    // Where a shell starts, npx would ask the registry for a package.
    expect(stdout.replaceAll(/^#.*$/gm, '')).not.toContain('npx cdk');
    const file = join(cli.folder, 'completion.bash');
    writeFileSync(file, stdout);
    const elsewhere = `BASH_VERSION=; complete() { echo called; }; . ${file}`;
    expect(execFileSync('sh', ['-c', elsewhere], { encoding: 'utf8' })).toBe('');
  });

  /** Skipped in words where the machine has no such shell. */
  const withShell = (shell: string, name: string, body: () => Promise<void>) =>
    spawnSync(shell, ['--version']).status === 0
      ? test(name, body)
      : test.skip(`${name}: there is no ${shell} here`, body);
  const scriptOf = async (shell: string) => {
    const file = join(cli.folder, `completion.${shell}`);
    writeFileSync(file, (await cli.run(['completion', shell])).stdout);
    return file;
  };

  withShell('fish', 'of fish completes commands, values and options', async () => {
    const lines = ['inv', 'invoke --t', 'completion z', 'dev --exc'];
    const asked = lines.map((line) => `complete -C 'cdk-lambda-streaming ${line}'`).join('; ');
    const said = execFileSync('fish', ['--no-config', '-c', `source '${await scriptOf('fish')}'; ${asked}`], {
      encoding: 'utf8',
    });
    const words = said
      .trim()
      .split('\n')
      .map((line) => line.split('\t')[0]);
    expect(words).toEqual(['invoke', '--tail', '--timeline', 'zsh', '--exclude']);
  });

  withShell('zsh', 'of zsh completes commands, options, values and files', async () => {
    // What the completion system is given for a line; outside of a line editor it takes nothing itself.
    const script = `autoload -U compinit; compinit -u -D; source '${await scriptOf('zsh')}'
      compadd() { shift; print -r -- "$@" }; _describe() { print -r -- "\${(P@)2}" }; _files() { print files }
      for line in cdk-lambda-streaming 'cdk-lambda-streaming logs' 'cdk-lambda-streaming completion'; do
        words=(\${(s: :)line} ''); CURRENT=\${#words}; $_comps[cdk-lambda-streaming]
      done`;
    const [commands, ...words] = execFileSync('zsh', ['-f', '-c', script], { encoding: 'utf8' }).trim().split('\n');
    expect(commands).toMatch(/ invoke:call a function and show its stream as it comes .*explain:/);
    expect(words).toEqual(['--follow --json --help', 'files', 'bash zsh fish --json --help']);
  });

  test.each([
    ['zsh', /^#compdef cdk-lambda-streaming$[\s\S]* invoke\) compadd -- .*--timeline/m],
    ['fish', /^complete -c cdk-lambda-streaming -n '__fish_seen_subcommand_from invoke' -l timeline -d 'draw when/m],
  ])('of %s has every command with its options', async (shell, pattern) => {
    const { stdout } = await cli.run(['completion', shell, '--json']);
    expect(JSON.parse(stdout)).toEqual({ shell, script: expect.stringMatching(pattern) });
  });
});

test('the bundle is one file for the start and one a command, with the licences of the packages inside', () => {
  const lib = join(cli.folder, '../node_modules/cdk-lambda-streaming/lib/cli');
  const main = readFileSync(join(lib, 'main.js'), 'utf8');
  expect(main.startsWith('#!/usr/bin/env node\n')).toBe(true);
  // What a command needs is not loaded at the start.
  expect(main).not.toContain('class RunningTarget');
  // Node.js would read a command's file for its exports first, which takes longer than all else.
  expect(main).not.toMatch(/\bimport\(/);
  expect(main).not.toMatch(/require\("(?!node:|events|child_process|path|fs|process|tty|\.\/commands\/)/);
  expect(main).not.toMatch(/(?<!\(\) => __toESM\()require\("\.\/commands\//);
  const licences = readFileSync(join(lib, 'THIRD-PARTY-LICENSES'), 'utf8');
  expect(licences).toMatch(/^commander [\d.]+ \(MIT\)$/m);
  expect(licences).toMatch(/^picocolors [\d.]+ \(ISC\)$/m);
  expect(licences).toContain('TJ Holowaychuk');
});

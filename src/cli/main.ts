#!/usr/bin/env node
/**
 * The command line `npx cdk-lambda-streaming`. Here are the commands and their options; what a command does is in a file
 * of its own, which is loaded when it is asked for. See docs/cli.md.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Argument, Command, CommanderError, Option } from 'commander';
import { isObject } from '../base/is-object';
import { helpAsJson } from './help-json';
import { createTerminal, type ExitCode, type Terminal } from './terminal';
import { isUsageError } from './usage-error';

/** A command is one function: what it is given, and how it speaks. */
type Run<Options> = (options: Options, terminal: Terminal, program: Command) => Promise<ExitCode>;

/** As shells say it: 128 and the number of the signal. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

let exitCode: ExitCode = 0;
const interruption = new AbortController();
let interrupted: ExitCode = EXIT_CODES.SIGINT;
/** Whoever reads only the beginning of the output, as `head` does, has seen enough. */
let readerHasLeft = false;

function packageVersion(): string {
  return JSON.parse(readFileSync(join(__dirname, '..', '..', 'package.json'), 'utf8')).version;
}

/** What a command's action does: loads its file, runs it, and says what went wrong. */
function action<Options extends object>(load: () => Promise<{ readonly run: Run<Options> }>) {
  return async (...given: unknown[]): Promise<void> => {
    const command = given.at(-1) as Command;
    const options: Options = command.opts();
    const values = Object.fromEntries(
      command.registeredArguments.map((argument, at) => [argument.name(), command.processedArgs[at]]),
    );
    for (const signal of SIGNALS) {
      process.on(signal, () => {
        // Whoever asks twice does not want to wait for an orderly end.
        if (interruption.signal.aborted) process.exit(EXIT_CODES[signal]);
        interrupted = EXIT_CODES[signal];
        interruption.abort();
      });
    }
    const terminal = createTerminal(wantsJson(), interruption.signal);
    try {
      const { run } = await load();
      const code = await run({ ...values, ...options }, terminal, command.parent ?? command);
      exitCode = code === EXIT_CODES.SIGINT ? interrupted : code;
    } catch (error) {
      const { aborted } = interruption.signal;
      exitCode = aborted ? interrupted : tell(error, terminal.isJson);
      if (aborted) terminal.json({ error: { code: 'INTERRUPTED', message: 'interrupted' } });
    } finally {
      if (readerHasLeft) exitCode = 0;
      for (const signal of SIGNALS) process.removeAllListeners(signal);
    }
  };
}

/** Says what went wrong; gives the exit code. Errors of the library explain themselves; a stack is for those that do not. */
function tell(error: unknown, isJson: boolean): ExitCode {
  const isUsage = isUsageError(error) || error instanceof CommanderError;
  const { message, code, stack } = error as { message?: string; code?: unknown; stack?: string };
  const known = isUsage || typeof code === 'string';
  const text =
    code === 'commander.help'
      ? `unknown command '${process.argv[3]}'`
      : String(message ?? error).replace(/^error: /, '');
  if (isJson) {
    const facts = known && !isUsage && isObject(error) ? error : {};
    const name = isUsage ? 'USAGE' : known ? code : 'UNEXPECTED';
    process.stdout.write(`${JSON.stringify({ error: { ...facts, code: name, message: text } })}\n`);
  } else {
    process.stderr.write(`error: ${known ? text : (stack ?? text)}\n`);
  }
  // What was set up wrong, or names what there is not, did nothing, whoever noticed it.
  return isUsage || code === 'CONFIG_INVALID' || code === 'NOT_FOUND' ? 2 : 1;
}

/** Also where it is not clear whose option it is, as in `start --port --json`. */
const wantsJson = (): boolean => process.argv.includes('--json');

const JSON_OPTION = ['--json', 'print JSON on standard output, one value a line'] as const;

/** Of an option that is given once for each value. */
const oneMore = (given: string, others: readonly string[] = []): readonly string[] => [...others, given];

function createProgram(): Command {
  const program = new Command('cdk-lambda-streaming')
    .description('Lambda response streaming: call functions, run stacks on this machine, check handlers.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .showSuggestionAfterError()
    .configureHelp(wantsJson() ? { formatHelp: helpAsJson } : {})
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });

  program
    .command('conformance')
    .description('run the acceptance table of web adapters against a handler, on the runtime client of AWS')
    .requiredOption('--handler <file>', 'JavaScript file that exports the adapted app as "handler"')
    .addOption(new Option('--kind <kind>', 'what the adapter takes').choices(['fetch', 'node']).default('fetch'))
    .option('--rows <numbers>', 'only these rows, such as 4,7-9')
    .option(...JSON_OPTION)
    .action(action(() => import('./commands/conformance.js')));

  program
    .command('invoke')
    .description('call a function and show its stream as it comes')
    .argument('<function>', 'name, ARN, Stack.Output of a stream target, or with --local a construct path')
    .option('-p, --payload <json>', 'the event: JSON, @file, or - for standard input', '{}')
    .option('-q, --qualifier <version or alias>', 'which version')
    .option('--local', 'the local target that start or dev runs for this folder; takes construct paths, too')
    .option('--as <role>', 'be this role: its ARN; with --local also its name, construct path or logical id')
    .option('--endpoint <url>', 'a local target instead of AWS')
    .option('--region <region>', 'region of the function, where its ARN does not say it')
    .option('--tail', 'show the end of the log')
    .option('--timeline <file.svg>', 'draw when the bytes came')
    .option(...JSON_OPTION)
    .action(action(() => import('./commands/invoke.js')));

  const ofAnApp = (name: string, description: string) =>
    program
      .command(name)
      .description(description)
      .option(
        '-a, --app <command or folder>',
        'command of the app, or its cloud assembly; else the one in cdk.json, or cdk.out',
      )
      .option('--stacks <names...>', 'only these stacks and those they depend on');
  const target = (name: string, description: string) =>
    ofAnApp(name, description)
      .option('--port <port>', 'port on 127.0.0.1; any free one otherwise')
      .option('--outputs-file <file>', 'write the outputs of the stacks, as cdk deploy does')
      .option('--account <accounts...>', 'print keys for these accounts, too')
      .option('--region <region>', 'region of stacks that name none, and of --empty')
      .addOption(
        new Option(
          '--image <function=command>',
          'command that plays the container image of a function; once for each',
        ).argParser(oneMore),
      )
      .addOption(
        new Option(
          '--service <name=url>',
          'who answers for another AWS service, such as dynamodb=http://127.0.0.1:8000; once for each',
        ).argParser(oneMore),
      )
      .option('--open', 'open the console in the browser')
      .option(...JSON_OPTION);
  target('start', 'run the stacks of an app on this machine, until Ctrl-C')
    .option('--empty', 'deploy nothing: the cdk CLI or another client will')
    .action(action(() => import('./commands/start.js')));
  target('dev', 'the same, and deploy again what changes in the sources')
    .option('--watch <folders...>', 'more folders with sources, such as those of other packages that the app imports')
    .option('--exclude <patterns...>', 'what is not watched, such as "**/*.md", beside watch.exclude of cdk.json')
    .action(action(() => import('./commands/dev.js')));

  ofAnApp('deploy', 'deploy an app to the local target that start or dev runs for this folder')
    .option('--outputs-file <file>', 'write the outputs of the stacks, as cdk deploy does')
    .option(...JSON_OPTION)
    .action(action(() => import('./commands/deploy.js')));

  program
    .command('logs')
    .description('show what the functions of the local target have logged')
    .argument('[function]', 'only that of this one: its construct path, name or ARN')
    .option('-f, --follow', 'go on with what they log, until Ctrl-C')
    .option(...JSON_OPTION)
    .action(action(() => import('./commands/logs.js')));

  program
    .command('explain')
    .description('say who may call a function of the local target, or what its role may do, and why not')
    .argument('<function>', 'construct path, name or ARN; or a function URL, by its construct path or address')
    .option('-q, --qualifier <version or alias>', 'which version')
    .option('--as <role>', 'this role alone, statement by statement: its ARN, name, construct path or logical id')
    .option('--action <action>', 'what may be done', 'lambda:InvokeFunction')
    .option(
      '--resource <ARN or path>',
      'whether the role of the function may do it to this: a table, an object of a bucket',
    )
    .option(...JSON_OPTION)
    .action(action(() => import('./commands/explain.js')));

  program
    .command('doctor')
    .description('look at versions, packages, credentials and clock, and say what to do')
    .option('--region <region>', 'region to look up credentials and clock for')
    .option(...JSON_OPTION)
    .action(action(() => import('./commands/doctor.js')));

  program
    .command('completion')
    .description('print a script that completes commands and options in a shell')
    .addArgument(new Argument('<shell>', 'which shell').choices(['bash', 'zsh', 'fish']))
    .option(...JSON_OPTION)
    .action(action(() => import('./commands/completion.js')));

  return program;
}

async function main(argv: readonly string[]): Promise<void> {
  for (const output of [process.stdout, process.stderr]) {
    output.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      readerHasLeft = true;
      interruption.abort();
    });
  }
  try {
    const program = createProgram();
    if (argv.length <= 2) {
      process.stderr.write(program.helpInformation());
      process.exitCode = 2;
      return;
    }
    await program.parseAsync(argv);
    process.exitCode = exitCode;
    // What cannot be told to end, such as reading standard input, does not keep who wants to.
    if (interruption.signal.aborted) process.stdout.write('', () => process.exit());
  } catch (error) {
    const isHelp = error instanceof CommanderError && error.exitCode === 0;
    process.exitCode = isHelp ? 0 : tell(error, wantsJson());
  }
}

void main(process.argv);

/** What `start` and `dev` do: a local target with an app deployed to it, until it is stopped. */
import { statSync } from 'node:fs';
import { relative } from 'node:path';
import type { Deployment } from '../local/engine/deployment';
import type { LocalTarget } from '../local/local-target';
import { startLocal } from '../local/start-local';
import { type LogEntry, serveControl } from './control';
import { deployOnSave } from './deploy-on-save';
import { isAmbiguous, suggestedFunction } from './deployed-function';
import { HotSwap } from './hot-swap';
import { imagePrograms } from './image-programs';
import { openBrowser } from './open-browser';
import { type AppSource, appSource, synthesize, watchPatterns } from './synthesize';
import { targetsHere } from './target-record';
import { tellChange, tellDeployment } from './tell-deployment';
import { type ExitCode, type Terminal, unlessInterrupted } from './terminal';
import { UsageError } from './usage-error';
import { type SourceWatch, watchSources } from './watch-sources';
import { checkWritable } from './writable-file';

export interface TargetOptions {
  readonly app?: string;
  readonly port?: string;
  readonly stacks?: readonly string[];
  readonly outputsFile?: string;
  /** Whether the console is opened in the browser. */
  readonly open?: boolean;
  /** Nothing is deployed: others will do it. */
  readonly empty?: boolean;
  /** Accounts to print the keys of an administrator for, beside those that are deployed to. */
  readonly account?: readonly string[];
  /** Of stacks that name none, and of whoever deploys to a target that is empty. */
  readonly region?: string;
  /** What plays container images: `Stack/Web=node server.js` each. */
  readonly image?: readonly string[];
  /** More folders that `dev` watches. */
  readonly watch?: readonly string[];
  /** Patterns of what `dev` does not watch, beside those of cdk.json. */
  readonly exclude?: readonly string[];
  /** Who answers for other AWS services: `dynamodb=http://127.0.0.1:8000`. */
  readonly service?: readonly string[];
}

/** The account of stacks that name none. */
const DEFAULT_ACCOUNT = '111111111111';

function checkAccounts({ account = [], app, empty }: TargetOptions): void {
  const wrong = account.find((each) => !/^\d{12}$/.test(each));
  if (wrong !== undefined) throw new UsageError(`--account must be accounts, twelve digits each, got '${wrong}'`);
  if (empty && app !== undefined) throw new UsageError('--empty deploys nothing, so it goes without --app');
}

function endpoints(given: readonly string[] = []): Record<string, string> {
  return Object.fromEntries(
    given.map((each) => {
      const [, name, url] = /^([\w-]+)=(https?:\/\/.+)$/.exec(each) ?? [];
      const isTwice = given.filter((other) => other.startsWith(`${name}=`)).length > 1;
      if (name !== undefined && url !== undefined && URL.canParse(url) && !isTwice) return [name.toLowerCase(), url];
      throw new UsageError(
        `--service must be names and addresses, such as dynamodb=http://127.0.0.1:8000, got '${each}'`,
      );
    }),
  );
}

/** Longer than anybody leaves it running. */
const SESSION_SECONDS = 30 * 24 * 3_600;

export async function runTarget(options: TargetOptions, isWatching: boolean, terminal: Terminal): Promise<ExitCode> {
  checkAccounts(options);
  if (options.outputsFile !== undefined) checkWritable('--outputs-file', options.outputsFile);
  const source = options.empty ? undefined : appSource(options.app);
  if (isWatching && source?.command === undefined) {
    throw new UsageError(
      "dev needs the command of an app, such as --app 'node app.js', to make a new assembly by; start takes a cloud assembly",
    );
  }
  const { port = '0' } = options;
  if (!/^\d+$/.test(port)) throw new UsageError(`--port must be a port, 0 to 65535, got '${port}'`);
  const { image = [], watch = [], exclude = [] } = options;
  const { exclude: usual, ...others } = watchPatterns();
  const patterns = { ...others, exclude: [...usual, ...exclude] };
  const images = imagePrograms(image);
  for (const folder of watch) {
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
      throw new UsageError(`--watch must be folders, got '${folder}', which is not one`);
  }
  const services = endpoints(options.service);
  const { dim } = terminal.noteColors;
  const logReaders = new Set<(entry: LogEntry) => void>();
  const local = await startLocal({
    port: Number(port),
    ...(options.region !== undefined && { region: options.region }),
    images,
    console: true,
    services,
    onDeploy: (deployment) => tellDeployment(deployment, {}, terminal),
    onChange: (change) => tellChange(change, terminal),
    onLog: (entry) => {
      const { functionArn, requestId, message } = entry;
      for (const reader of logReaders) reader({ ...entry, at: Date.now() });
      terminal.json({ type: 'log', functionArn, requestId, message });
      const name = functionArn.split(':').at(-1);
      for (const line of message.split('\n')) terminal.note(dim(`${name} | ${line}`));
    },
  });
  // In the order in which they were begun; they end in the other.
  const ends: (() => void | Promise<void>)[] = [() => local.stop()];
  try {
    // Before the first synth, so that what is saved meanwhile counts.
    const written = options.outputsFile === undefined ? [] : [options.outputsFile];
    const sources =
      isWatching && source
        ? watchSources([process.cwd(), ...watch], [source.assembly, ...written], patterns, {
            // Nobody else knows the token in it.
            marks: local.consoleUrl === undefined ? [] : [local.consoleUrl],
            onCopy: (file) => terminal.note(dim(`${relative(process.cwd(), file)} has this output: not watched`)),
          })
        : undefined;
    ends.push(() => sources?.stop());
    for (const { endpoint } of targetsHere().slice(0, 1)) {
      const which = 'commands ask the one that was started last';
      terminal.note(
        terminal.noteColors.yellow(`a local target runs for this folder already, at ${endpoint}; ${which}`),
      );
    }
    const control = await serveControl({
      local,
      followLogs: (reader) => {
        logReaders.add(reader);
        return () => logReaders.delete(reader);
      },
    });
    ends.push(() => control.stop());
    const hotSwap = sources && new HotSwap();
    ends.push(async () => hotSwap?.stop());
    let isUp = false;
    const deploy = async (signal: AbortSignal) => {
      const { stacks } = source
        ? await makeAndDeploy(currentSource(source, options), signal, { local, sources, hotSwap, options, terminal })
        : { stacks: [] };
      if (isUp) return;
      isUp = true;
      tellEndpoints(local, stacks, options, terminal);
      if (options.open && local.consoleUrl !== undefined)
        ends.push(openBrowser(local.consoleUrl, (problem) => terminal.note(terminal.noteColors.yellow(problem))));
    };
    if (sources && hotSwap) await deployOnSave({ local, sources, hotSwap, stacks: options.stacks, deploy }, terminal);
    else {
      await deploy(terminal.signal);
      await ended(terminal.signal);
    }
  } finally {
    for (const end of ends.reverse()) await end();
  }
  terminal.note('Stopped; nothing is left.');
  return 0;
}

/** What deployments are made with. */
interface Workshop {
  readonly local: LocalTarget;
  readonly sources: SourceWatch | undefined;
  readonly hotSwap: HotSwap | undefined;
  readonly options: TargetOptions;
  readonly terminal: Terminal;
}

/** Somebody may have put the command right, in cdk.json. */
function currentSource(source: AppSource, { app }: TargetOptions): AppSource {
  return source.command === undefined ? source : { ...source, command: appSource(app).command ?? source.command };
}

/** @param signal ends the synth; a deployment that has begun goes on */
async function makeAndDeploy(
  source: AppSource,
  signal: AbortSignal,
  { local, sources, hotSwap, options, terminal }: Workshop,
): Promise<Deployment> {
  const { stacks, outputsFile } = options;
  const before = performance.now();
  const recipes = await synthesize(source, signal, (files) => tellFollowed(sources?.follow(files) ?? [], terminal));
  const made = performance.now();
  hotSwap?.learn(source.assembly, recipes);
  const deploying = local.deploy(source.assembly, { ...(stacks && { stacks }) });
  const deployment = await unlessInterrupted(deploying, terminal);
  if (outputsFile !== undefined) local.writeOutputsFile(outputsFile);
  const [synthMs, deployMs] = [Math.round(made - before), Math.round(performance.now() - made)];
  tellDeployment(deployment, { synthMs, deployMs }, terminal);
  return deployment;
}

/** Where it is, who to be, and what there is to call. */
function tellEndpoints(
  local: LocalTarget,
  stacks: Deployment['stacks'],
  options: TargetOptions,
  terminal: Terminal,
): void {
  const functions = local.functions();
  const deployedTo = functions.map(({ functionArn }) => functionArn.split(':')[4] ?? '');
  const accounts = [...new Set([...(options.account ?? (options.empty ? [DEFAULT_ACCOUNT] : [])), ...deployedTo])];
  const administrators = accounts.map((account) => {
    const as = `arn:aws:iam::${account}:root`;
    return { account, environment: local.environment({ as, durationSeconds: SESSION_SECONDS }) };
  });
  const { consoleUrl, endpoint } = local;
  terminal.json({ type: 'ready', endpoint, console: consoleUrl, functions, administrators });
  const { bold, cyan, dim } = terminal.colors;
  terminal.line(`\nThe local target is at ${bold(endpoint)}`);
  terminal.line(`Look at it in the console: ${cyan(consoleUrl ?? '')}\n`);
  for (const { constructPath, functionName, aliases, urls } of functions) {
    // Each as the Lambda API takes it.
    const names = aliases.length === 0 ? functionName : aliases.map((alias) => `${functionName}:${alias}`).join(', ');
    terminal.line(`  ${bold(constructPath ?? functionName)}  ${dim(names)}`);
    for (const url of urls) terminal.line(`    ${cyan(url)}`);
  }
  tellOutputs(stacks, terminal);
  const first = suggestedFunction(functions);
  if (first) {
    const name = `${first.constructPath ?? first.functionName}${isAmbiguous(first) ? `:${first.aliases[0]}` : ''}`;
    terminal.line(`\nCall one:  npx cdk-lambda-streaming invoke --local '${name}'`);
  }
  for (const { account, environment } of administrators) {
    terminal.line(`\nFor any other client, as administrator of ${account}:`);
    for (const [name, value] of Object.entries(environment)) terminal.line(`  export ${name}=${value}`);
  }
  if (options.empty) terminal.line('\nThen deploy an app to it, as that administrator:  npx cdk deploy --all');
  terminal.line('\nCtrl-C stops it.\n');
}

/** More would push what is above them off the screen. */
const OUTPUTS_SHOWN = 20;

/** Those that people read: stream targets are JSON for programs. */
function tellOutputs(stacks: Deployment['stacks'], { line, colors }: Terminal): void {
  const all = stacks.flatMap(({ stackName, outputs }) =>
    Object.entries(outputs).map(([name, value]) => ({ name: `${stackName}.${name}`, value })),
  );
  const shown = all.filter(({ value }) => !value.startsWith('{"streamTarget":')).slice(0, OUTPUTS_SHOWN);
  for (const { name, value } of shown) line(colors.dim(`  ${name} = ${value}`));
  const left = all.length - shown.length;
  if (left > 0)
    line(colors.dim(`  and ${left} more output${left === 1 ? '' : 's'}, which --outputs-file writes with these`));
}

/** What the bundles are made of may lie outside of the folders that are watched anyway. */
function tellFollowed(folders: readonly string[], terminal: Terminal): void {
  if (folders.length === 0) return;
  terminal.json({ type: 'following', folders });
  const names = folders.map((folder) => relative(process.cwd(), folder)).sort();
  terminal.note(terminal.noteColors.dim(`bundled from outside, watched too: ${names.join(', ')}`));
}

function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

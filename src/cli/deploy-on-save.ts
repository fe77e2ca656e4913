/** What `dev` does once it watches: deploys, and deploys again what is saved, until it is stopped. */
import { relative } from 'node:path';
import type { LocalTarget } from '../local/local-target';
import type { BuildProblem, HotSwap } from './hot-swap';
import { tellSwap } from './tell-deployment';
import { type Terminal, unlessInterrupted } from './terminal';
import { isUsageError } from './usage-error';
import { changeNote, type SourceWatch } from './watch-sources';

export interface SavedSources {
  readonly local: Pick<LocalTarget, 'deploy'>;
  readonly sources: Pick<SourceWatch, 'next' | 'stop'>;
  readonly hotSwap: Pick<HotSwap, 'swap'>;
  /** Those that are deployed. @default - all */
  readonly stacks?: readonly string[] | undefined;
  /** Synthesizes the app and deploys it. @param signal ends the synth */
  readonly deploy: (signal: AbortSignal) => Promise<void>;
}

/**
 * A failure is told, and the next save tries again, the first time, too. A synth is given up when something is saved
 * meanwhile: what it makes would be old.
 * @throws what was asked wrongly, as no save can mend it; and the reason of the signal, where nothing was deployed before
 */
export async function deployOnSave(saved: SavedSources, terminal: Terminal): Promise<void> {
  const { sources } = saved;
  const { signal } = terminal;
  signal.addEventListener('abort', sources.stop, { once: true });
  let isUp = false;
  const restless = new RestlessFiles(terminal);
  const deploy = async (asked: AbortSignal) => {
    await saved.deploy(asked);
    isUp = true;
  };
  try {
    await deploy(signal);
  } catch (error) {
    if (signal.aborted || isAskedWrongly(error)) throw error;
    tellFailure(error, isUp, terminal);
  }
  for (let files = await sources.next(); !signal.aborted; ) {
    terminal.note(terminal.noteColors.dim(changeNote(files)));
    restless.changed(files);
    const newer = new AbortController();
    let saves: Promise<readonly string[]> | undefined;
    try {
      const isSynthNext = await swapCode(files, isUp, saved, terminal);
      saves = sources.next().finally(() => newer.abort());
      if (isSynthNext) await deploy(AbortSignal.any([signal, newer.signal]));
    } catch (error) {
      if (signal.aborted) break;
      if (!newer.signal.aborted) tellFailure(error, isUp, terminal);
    }
    restless.handled();
    files = await (saves ?? sources.next());
  }
  if (!isUp) signal.throwIfAborted();
}

/** Somebody who types saves a file so often that each save comes so soon after the last one was handled, but not for long. */
const RESTLESS_TIMES = 5;
const RESTLESS_MS = 1_000;

/** Tells of files that are new again as soon as they were handled: what the synth itself writes, for example, would go on for ever. */
class RestlessFiles {
  private names = '';
  private times = 0;
  private handledAt = Number.NEGATIVE_INFINITY;
  private readonly told = new Set<string>();

  public constructor(private readonly terminal: Terminal) {}

  public changed(files: readonly string[]): void {
    const names = files.map((file) => `'${relative(process.cwd(), file)}'`).join(' ');
    const isSoon = performance.now() - this.handledAt < RESTLESS_MS;
    this.times = isSoon && names === this.names ? this.times + 1 : 1;
    this.names = names;
    if (this.times < RESTLESS_TIMES || this.told.has(names)) return;
    this.told.add(names);
    const { note, noteColors } = this.terminal;
    const advice = `where the app or a tool writes that, start dev with --exclude ${names}`;
    note(noteColors.yellow(`${names} changed ${this.times} times in a row while dev was at it; ${advice}`));
  }

  public handled(): void {
    this.handledAt = performance.now();
  }
}

/** By an option, or the name of a stack. */
function isAskedWrongly(error: unknown): boolean {
  return isUsageError(error) || (error as { readonly code?: unknown }).code === 'CONFIG_INVALID';
}

/**
 * Deploys new code at once, where the saved files are in bundles, and tells what cannot be built.
 * @returns whether the app is to synthesize
 */
async function swapCode(
  files: readonly string[],
  isUp: boolean,
  { local, hotSwap, stacks }: SavedSources,
  terminal: Terminal,
): Promise<boolean> {
  const before = performance.now();
  try {
    const { assembly, problems, isMended, isSynthFutile } = await hotSwap.swap(files);
    const built = performance.now();
    if (isMended) terminal.note(terminal.noteColors.green('it builds again'));
    if (assembly !== undefined) {
      const deploying = local.deploy(assembly, { ...(stacks && { stacks }) });
      const deployment = await unlessInterrupted(deploying, terminal);
      const [buildMs, deployMs] = [Math.round(built - before), Math.round(performance.now() - built)];
      tellSwap(deployment, { buildMs, deployMs, isSynthNext: !isSynthFutile }, terminal);
    }
    if (problems.length > 0) tellProblems(problems, isUp, terminal);
    return !isSynthFutile;
  } catch (error) {
    if (terminal.signal.aborted) throw error;
    terminal.note(terminal.noteColors.dim(`the new code waits for the synth: ${(error as Error).message}`));
    return true;
  }
}

const whatIsNext = (isUp: boolean): string =>
  isUp ? 'What was deployed before goes on.' : 'The next file that you save tries again; Ctrl-C stops it.';

function tellFailure(error: unknown, isUp: boolean, terminal: Terminal): void {
  const { code = 'UNEXPECTED', message } = error as { readonly code?: string; readonly message?: string };
  const text = message ?? String(error);
  terminal.json({ type: 'failed', error: { code, message: text } });
  terminal.note(terminal.noteColors.red(`error: ${text}\n${whatIsNext(isUp)}`));
}

/** In esbuild's words, which say where; no stack could say more. */
function tellProblems(problems: readonly BuildProblem[], isUp: boolean, terminal: Terminal): void {
  const text = problems.map(({ message }) => message).join('\n\n');
  terminal.json({ type: 'failed', error: { code: 'BUILD_FAILED', message: text, problems } });
  terminal.note(terminal.noteColors.red(`${text}\n\n${whatIsNext(isUp)}`));
}

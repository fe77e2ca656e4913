/** The cloud assembly of a test: a folder, or an app that is synthesized into one of its own and cleaned up after. */
import { existsSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname } from 'node:path';
import { isObject } from '../base/is-object';
import { isFunction, isNonEmptyString, show } from '../base/option-problem';

/** An app of the CDK. */
export interface StreamTestApp {
  synth(): { readonly directory: string };
}

export interface TestAssembly {
  readonly directory: string;
  /** Removes what the app has left in the temporary folder. */
  remove(): void;
}

export const isTestApp = (value: unknown): value is StreamTestApp => isObject(value) && isFunction(value['synth']);

/** Folders that are gone because a deployment stopped: an app synthesizes once. */
const removed = new Set<string>();

/** @throws Error for an app that gives no folder, or one that is gone */
export function assemblyOf(assembly: string | StreamTestApp): TestAssembly {
  if (typeof assembly === 'string') return { directory: assembly, remove: () => undefined };
  const directory = directoryOf(assembly.synth());
  if (!existsSync(directory)) {
    if (!removed.has(directory)) throw notAssembly(`one whose folder '${directory}' is not there`);
    throw new Error(
      `the assembly of this app, '${directory}', was removed when a deployment of it stopped; deploy a new App(), or one with an outdir`,
    );
  }
  const remove = () => {
    if (!isTemporary(directory)) return;
    rmSync(directory, { recursive: true, force: true });
    removed.add(directory);
  };
  return { directory, remove };
}

/** @param made what an app has synthesized, if it is one of the CDK */
function directoryOf(made: unknown): string {
  const { directory, then } = isObject(made) ? made : {};
  if (isNonEmptyString(directory)) return directory;
  throw notAssembly(isFunction(then) ? 'a promise, which is to be awaited before' : show(made));
}

const notAssembly = (got: string): Error =>
  new Error(
    `deployStreamTestStack(): synth() of assembly must return a cloud assembly, as that of an App does, got ${got}; ` +
      'give an App, or the folder of a cloud assembly',
  );

/** As the CDK names the folder of an app without `outdir`; what somebody has named stays. */
function isTemporary(directory: string): boolean {
  return basename(directory).startsWith('cdk.out') && dirname(directory) === realpathSync(tmpdir());
}

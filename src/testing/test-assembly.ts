/** The cloud assembly of a test: a folder, or an app that is synthesized into one of its own and cleaned up after. */
import { existsSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname } from 'node:path';
import { isObject } from '../base/is-object';
import { isFunction } from '../base/option-problem';

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

/** @throws Error for an app whose folder is gone: it synthesizes once */
export function assemblyOf(assembly: string | StreamTestApp): TestAssembly {
  if (typeof assembly === 'string') return { directory: assembly, remove: () => undefined };
  const { directory } = assembly.synth();
  if (!existsSync(directory)) {
    throw new Error(
      `the assembly of this app, '${directory}', was removed when a deployment of it stopped; deploy a new App(), or one with an outdir`,
    );
  }
  const remove = () => {
    if (isTemporary(directory)) rmSync(directory, { recursive: true, force: true });
  };
  return { directory, remove };
}

/** As the CDK names the folder of an app without `outdir`; what somebody has named stays. */
function isTemporary(directory: string): boolean {
  return basename(directory).startsWith('cdk.out') && dirname(directory) === realpathSync(tmpdir());
}

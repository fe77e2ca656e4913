/** `start`: a local target with an app deployed to it, until Ctrl-C. */
import { runTarget, type TargetOptions } from '../run-target';
import type { ExitCode, Terminal } from '../terminal';

export const run = (options: TargetOptions, terminal: Terminal): Promise<ExitCode> =>
  runTarget(options, false, terminal);

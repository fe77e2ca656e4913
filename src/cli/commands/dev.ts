/** `dev`: as `start`, and what changes in the sources is deployed again. */
import { runTarget, type TargetOptions } from '../run-target';
import type { ExitCode, Terminal } from '../terminal';

export const run = (options: TargetOptions, terminal: Terminal): Promise<ExitCode> =>
  runTarget(options, true, terminal);

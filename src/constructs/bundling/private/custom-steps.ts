/** Builds an entry with what esbuild alone cannot do: command hooks, installed modules and a compilation by `tsc`. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { StreamingBundlingOptions } from '../streaming-bundling-options';
import type { BuildSettings } from './build-settings';
import { buildTogether, type Outcome } from './bundle-pass';
import { isBundlingError } from './bundling-error';
import { installModules } from './module-installation';
import { preCompile } from './pre-compilation';
import { runShell } from './run-command';

/** True when a build runs commands, so that nothing is known about what it depends on. */
export function hasSteps({ commandHooks, nodeModules, preCompilation }: StreamingBundlingOptions): boolean {
  return commandHooks !== undefined || (nodeModules ?? []).length > 0 || preCompilation === true;
}

/** Runs all steps, in the order and with the directories `NodejsFunction` gives them. */
export function buildWithSteps(settings: BuildSettings, options: StreamingBundlingOptions, scratch: string): Outcome {
  try {
    return runSteps(settings, options, scratch);
  } catch (error) {
    if (isBundlingError(error)) return { failure: error.message };
    throw error;
  }
}

function runSteps(settings: BuildSettings, options: StreamingBundlingOptions, scratch: string): Outcome {
  const { project, entry } = settings;
  const { commandHooks: hooks, nodeModules = [] } = options;
  const dir = fs.mkdtempSync(path.join(scratch, 'steps-'));
  const context = { cwd: project.root, environment: options.environment ?? {} };
  runShell(hooks?.beforeBundling(project.root, dir) ?? [], context);
  const ready = options.preCompilation ? preCompile(settings, context) : settings;
  const outcome = buildTogether([ready], scratch).get(ready);
  if (outcome === undefined || 'failure' in outcome) return outcome ?? { failure: 'esbuild gave no result' };
  fs.cpSync(outcome.bundle.dir, dir, { recursive: true });
  if (nodeModules.length > 0) {
    runShell(hooks?.beforeInstall(project.root, dir) ?? [], context);
    installModules(nodeModules, dir, entry, project, context);
  }
  runShell(hooks?.afterBundling(project.root, dir) ?? [], context);
  // Made for this process only; what is published must be readable by all.
  fs.chmodSync(dir, 0o755);
  return { bundle: { ...outcome.bundle, dir } };
}

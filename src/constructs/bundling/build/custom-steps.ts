/** Builds an entry with what esbuild alone cannot do: command hooks, installed modules and a compilation by `tsc`. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { StreamingBundlingOptions } from '../../streaming-bundling-options';
import { BundlingError } from '../bundling-error';
import { failureOf, field } from '../failures';
import { statOf } from '../files/probe';
import type { BuildSettings } from './build-settings';
import { buildTogether, NO_RESULT, type Outcome } from './bundle-pass';
import { hookLines, runShell } from './commands';
import { buildInDocker } from './docker-build';
import { installModules } from './module-installation';
import { preCompile } from './pre-compilation';
import { writeStartScript } from './start-script';

/** True when a build runs commands, so that nothing is known about what it depends on. */
export function hasSteps(options: StreamingBundlingOptions): boolean {
  const { commandHooks, nodeModules = [], preCompilation, forceDockerBundling } = options;
  return (
    commandHooks !== undefined || nodeModules.length > 0 || preCompilation === true || forceDockerBundling === true
  );
}

/** Runs all steps, in the order and with the directories `NodejsFunction` gives them. */
export function buildWithSteps(settings: BuildSettings, options: StreamingBundlingOptions, scratch: string): Outcome {
  try {
    return runSteps(settings, options, scratch);
  } catch (error) {
    return failureOf(error);
  }
}

function runSteps(settings: BuildSettings, options: StreamingBundlingOptions, scratch: string): Outcome {
  const dir = fs.mkdtempSync(path.join(scratch, 'steps-'));
  const outcome = options.forceDockerBundling
    ? runInDocker(settings, options, dir)
    : runLocally(settings, options, scratch, dir);
  writeStartScript(dir, settings.startScript);
  // Made for this process only; what is published must be readable by all.
  fs.chmodSync(dir, 0o755);
  return outcome;
}

function runInDocker(settings: BuildSettings, options: StreamingBundlingOptions, dir: string): Outcome {
  try {
    buildInDocker(settings, options, dir);
  } catch (error) {
    // Errors of the framework name the command, not the construct.
    throw new BundlingError('CommandFailed', `the container build failed: ${field(error, 'message')}`, error);
  }
  const bytes = statOf(path.join(dir, `index${settings.extension}`))?.size;
  if (bytes === undefined)
    return { code: 'CommandFailed', failure: `the container wrote no index${settings.extension}` };
  return { bundle: { dir, metafile: { inputs: {}, outputs: {} }, bytes, packages: [], warnings: [] } };
}

function runLocally(settings: BuildSettings, options: StreamingBundlingOptions, scratch: string, dir: string): Outcome {
  const { project, entry } = settings;
  const { commandHooks: hooks, nodeModules = [] } = options;
  const context = { cwd: project.root, environment: options.environment ?? {} };
  runShell(hookLines(hooks, 'beforeBundling', project.root, dir), context);
  const ready = options.preCompilation ? preCompile(settings, context, scratch) : settings;
  const outcome = buildTogether([ready], scratch).get(ready);
  if (outcome === undefined || 'failure' in outcome) return outcome ?? NO_RESULT;
  fs.cpSync(outcome.bundle.dir, dir, { recursive: true });
  if (nodeModules.length > 0) {
    runShell(hookLines(hooks, 'beforeInstall', project.root, dir), context);
    installModules({ modules: nodeModules, entry, project, logLevel: options.logLevel }, dir, context);
  }
  runShell(hookLines(hooks, 'afterBundling', project.root, dir), context);
  return { bundle: { ...outcome.bundle, dir } };
}

/** What can be told of a function's code before it runs: whether there is something to run it, the file of its handler, its AWS SDK. */

import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { commandToAdd } from '../command-to-add';
import { bootstrapOf } from '../runtime/bootstrap-file';
import { layerModules } from '../runtime/lambda-environment';
import { pythonFor } from '../runtime/python';
import { runtimeProblem } from '../runtime/runtime-program';
import { hasWebAdapter, startScriptProblem } from '../runtime/web-adapter';
import type { FunctionConfiguration } from '../state';
import type { ResourceContext } from './provider';

/** Warns of what will go wrong when the function is invoked. */
export function warnAboutCode(context: ResourceContext, configuration: FunctionConfiguration): void {
  if (context.isProvider) return;
  const { codeDirectory, functionName, handler, imageUri, layerDirectories = [] } = configuration;
  const warn = (problem: string | undefined, how: string) => {
    if (problem !== undefined) context.warn(`function '${functionName}' will ${how} when invoked: ${problem}`);
  };
  const problem = runtimeProblem(configuration);
  if (imageUri !== undefined) {
    const unless = "unless the option 'images' names a program that plays it";
    if (problem !== undefined)
      context.warn(
        `function '${functionName}' is a container image, which cannot run here; invoking it fails, ${unless}`,
      );
  } else if (hasWebAdapter(configuration)) {
    warn(startScriptProblem(codeDirectory, configuration.imageCommand === undefined ? handler : 'bootstrap'), 'fail');
  } else if (problem !== undefined) {
    context.warn(`${problem}; an invocation answers InvalidRuntimeException`);
  } else if (configuration.runtime.startsWith('provided')) {
    warn(bootstrapProblem(configuration), 'fail with Runtime.InvalidEntrypoint');
  } else {
    warn(codeProblem(configuration), 'fail with Runtime.ImportModuleError');
    const version = pythonDifference(configuration.runtime);
    if (version !== undefined) context.warn(`function '${functionName}' ${version}`);
  }
  const path = layerDirectories.length > 0 ? optPath(codeDirectory, handler) : undefined;
  if (path !== undefined) {
    context.warn(
      `function '${functionName}' names '${path}', and layers have another place here: require packages by their names`,
    );
  }
}

function bootstrapProblem(configuration: FunctionConfiguration): string | undefined {
  if (bootstrapOf(configuration) !== undefined) return undefined;
  return `neither its code in '${configuration.codeDirectory}' nor a layer has a file 'bootstrap' that may be executed`;
}

/** Why the runtime will not load the handler, as far as its files tell. */
function codeProblem({
  codeDirectory,
  handler,
  runtime,
  layerDirectories = [],
}: FunctionConfiguration): string | undefined {
  const file = runtime.startsWith('python')
    ? findPythonModule(codeDirectory, handler)
    : findHandlerFile(codeDirectory, handler);
  if (file === undefined) {
    // A module of a layer is found, too.
    if (runtime.startsWith('python') && layerDirectories.length > 0) return undefined;
    return `its code in '${codeDirectory}' has no file for the handler '${handler}'`;
  }
  if (!runtime.startsWith('nodejs')) return undefined;
  const missing = missingSdkPackages(file, layerModules({ layerDirectories, runtime }));
  if (missing.length === 0) return undefined;
  const names = missing.join(' ');
  return `Lambda's runtime has ${names}, and this project does not; run '${commandToAdd(names)}'`;
}

/** How the Python that was found differs from the one that the function asks for. */
function pythonDifference(runtime: string): string | undefined {
  if (!runtime.startsWith('python')) return undefined;
  const found = pythonFor(runtime);
  if (found === undefined || `python${found.version}` === runtime) return undefined;
  return `has the runtime ${runtime} and runs on Python ${found.version} ('${found.executable}'): there is no '${runtime}' on the PATH`;
}

/** `dir/app.run` and `dir.app.run` are in `dir/app.py`, or in the package `dir/app`. */
function findPythonModule(directory: string, handler: string): string | undefined {
  const module = handler.split(/[./]/).slice(0, -1).join('/');
  return [`${module}.py`, join(module, '__init__.py')].map((file) => join(directory, file)).find(existsSync);
}

/** Path of the handler's module in `directory`, or undefined. `dir/app.inner.run` is in `dir/app`. */
function findHandlerFile(directory: string, handler: string): string | undefined {
  const slash = handler.lastIndexOf('/') + 1;
  const module = handler.slice(0, slash) + handler.slice(slash).split('.')[0];
  return ['', '.js', '.mjs', '.cjs']
    .map((extension) => join(directory, `${module}${extension}`))
    .find((file) => existsSync(file) && statSync(file).isFile());
}

/**
 * `from '…'`, `import '…'`, `require('…')`, minified or not. Not what is loaded later, as `import('…')` and as esbuild writes
 * that in CommonJS: it may never be, and its own error says what is missing.
 */
const SDK_IMPORT =
  /(?<!\.then\(\s*\(\)\s*=>\s*(?:[\w$]+\()?)\b(?:(?:from|import)\s*|require\s*\(\s*)["'](@(?:aws-sdk|smithy)\/[\w.-]+)/g;

/**
 * SDK packages that the handler's own file imports and Node.js will not find from there.
 * @param modules further folders of packages, those of layers
 */
function missingSdkPackages(file: string, modules: readonly string[]): string[] {
  const imported = [...readFileSync(file, 'utf8').matchAll(SDK_IMPORT)].map(([, name = '']) => name);
  const isThere = (name: string) =>
    isInstalled(name, dirname(file)) || modules.some((folder) => existsSync(join(folder, name)));
  return [...new Set(imported)].filter((name) => !isThere(name)).sort();
}

/** The first path under `/opt`, where the content of layers is on AWS, that the handler's own file has as a text. */
function optPath(directory: string, handler: string): string | undefined {
  const file = findHandlerFile(directory, handler);
  return file === undefined ? undefined : /["'`](\/opt\/[\w@./-]+)/.exec(readFileSync(file, 'utf8'))?.[1];
}

function isInstalled(name: string, folder: string): boolean {
  if (existsSync(join(folder, 'node_modules', name))) return true;
  return folder !== dirname(folder) && isInstalled(name, dirname(folder));
}

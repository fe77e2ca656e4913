/** Tells which source files are calling into this package, from the call stack. https://v8.dev/docs/stack-trace-api */
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Everything below this directory is this package's own code, whether run from sources or compiled. */
const OWN_CODE = path.resolve(__dirname, '..', '..') + path.sep;

/** The framework sits between the user's file and ours when a construct is created through it. */
const FRAMEWORK = /[\\/]node_modules[\\/](aws-cdk-lib|constructs|@jsii)[\\/]/;

const INSTALLED = /[\\/]node_modules[\\/]/;

/** Deep class hierarchies exceed V8's default of ten frames. */
const MAX_FRAMES = 64;

/** Directories of the source files on the stack that are neither ours nor the framework's, innermost first. */
export function callerDirectories(): string[] {
  const files = callSites()
    .map((site) => fileOf(site.getFileName() ?? ''))
    .filter((file) => path.isAbsolute(file) && !file.startsWith(OWN_CODE) && !FRAMEWORK.test(file));
  const outermost = files.findIndex((file) => !INSTALLED.test(file));
  // An installed library may define constructs for the user; whatever installed code calls the user is a test runner
  // or a loader, whose own files must never be taken for entries.
  const callers = files.filter((file, index) => outermost < 0 || index <= outermost || !INSTALLED.test(file));
  return [...new Set(callers.map((file) => path.dirname(file)))];
}

/** ES modules are named by URL, and CommonJS sources that tsx loads for an ES module by a `data:` URL. */
function fileOf(name: string): string {
  if (name.startsWith('file:')) return fileURLToPath(name);
  if (!name.startsWith('data:')) return name;
  const query = name.indexOf('?');
  return (query >= 0 && new URLSearchParams(name.slice(query + 1)).get('filePath')) || '';
}

function callSites(): NodeJS.CallSite[] {
  const { prepareStackTrace, stackTraceLimit } = Error;
  let sites: NodeJS.CallSite[] = [];
  try {
    Error.stackTraceLimit = MAX_FRAMES;
    Error.prepareStackTrace = (_error, frames) => {
      sites = frames;
      return '';
    };
    // Reading `stack` is what runs prepareStackTrace.
    void new Error('call site').stack;
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
    Error.stackTraceLimit = stackTraceLimit;
  }
  return sites;
}

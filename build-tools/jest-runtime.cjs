// Jest's runtime, with each module of this project compiled once a worker: jest compiles all of aws-cdk-lib anew for each
// test file. Modules still run anew in each; what they have in common is V8's code, with what it made of it so far.
const { dirname, join, sep } = require('node:path');
const { Script } = require('node:vm');
const { default: Runtime } = require('jest-runtime');
require('./jest-worker-exit.cjs');

const modules = dirname(dirname(require.resolve('jest-runtime/package.json')));
/** By file: the text that was compiled, and the script. */
const compiled = new Map();

function scriptOf(filename, text, parameters) {
  const known = compiled.get(filename);
  if (known?.text === text) return known.script;
  const head = `(function (${parameters.join(', ')}) {`;
  const script = new Script(`${head}${text}\n})`, { filename, columnOffset: -head.length });
  compiled.set(filename, { text, script });
  return script;
}

module.exports = class extends Runtime {
  constructor(...options) {
    super(...options);
    const { executor, _config: config, _coverageOptions: coverage } = this;
    if (typeof executor?.compile !== 'function')
      throw new Error(
        'jest-runtime compiles in another place than in 30.5: change or remove build-tools/jest-runtime.cjs',
      );
    // Counts by places in a file that is not wrapped.
    if (coverage.collectCoverage) return;
    const compile = executor.compile.bind(executor);
    const lasting = [config.rootDir, modules].map((folder) => join(folder, sep));
    executor.compile = (text, file) => {
      const context = executor.environment.getVmContext();
      // Who imports belongs to one test file; and what test files write for themselves is read once.
      if (context === null || text.includes('import(') || !lasting.some((folder) => file.startsWith(folder)))
        return compile(text, file);
      try {
        return scriptOf(file, text, executor.injectedModuleParameters).runInContext(context);
      } catch (error) {
        // In jest's words.
        if (error instanceof SyntaxError) return compile(text, file);
        throw error;
      }
    };
  }
};

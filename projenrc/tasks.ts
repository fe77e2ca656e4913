import { Component } from 'projen';
import type { NodeProject } from 'projen/lib/javascript';

/** The commands a contributor types. Logic lives in `build-tools/*.mjs`: task strings are not run by bash. */
export class Tasks extends Component {
  constructor(project: NodeProject) {
    super(project);
    const ric = 'node build-tools/ric.mjs';
    const lint = 'biome ci --colors=off .';

    // projen's own test task rewrites snapshots and sources; a test must only look.
    project.testTask.reset(ric);
    project.testTask.exec('jest --ci', { receiveArgs: true });
    project.testTask.exec(lint);

    const add = (name: string, description: string, ...steps: string[]) => {
      const task = project.addTask(name, { description });
      for (const step of steps) task.exec(step, { receiveArgs: step === steps[steps.length - 1] });
      return task;
    };
    add(
      'demo',
      'Synthesize, deploy locally and stream a real data set',
      ric,
      'tsx --tsconfig test/tsconfig.json examples/flight-export/demo.ts',
    );
    add(
      'example:browser',
      'Serve the page that shows a stream as it arrives',
      ric,
      'tsx --tsconfig examples/tsconfig.json examples/browser-stream/serve.ts',
    );
    add('lint', 'Check style and floors without writing', lint);
    add('lint:fix', 'Apply safe lint and format fixes', 'biome check --write .');
    add(
      'typecheck',
      'Type-check sources, tests and examples',
      'tsc --noEmit -p projenrc/tsconfig.json',
      'tsc --noEmit -p test/tsconfig.json',
    );
    add('test:slow', 'Run the suites that need minutes', ric, 'jest --ci --config test-slow/jest.config.cjs');
    add('integ:update', 'Write the snapshots of the integ apps anew', 'node build-tools/integ-update.mjs');
    add(
      'docs:check',
      'Compile every README and @example snippet',
      'node build-tools/snippets.mjs',
      'jsii-rosetta extract --compile --strict --directory .',
    );

    project.postCompileTask.prependExec('node build-tools/esm.mjs');
    project.postCompileTask.prependExec(ric);
    project.packageTask.reset('node build-tools/pack.mjs');
  }
}

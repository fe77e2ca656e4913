import { Component } from 'projen';
import type { NodeProject } from 'projen/lib/javascript';

/** TypeScript in its native version: the older one, which jsii compiles with, takes six times as long. */
const TSC = 'node node_modules/typescript7/bin/tsc';

/** The commands a contributor types. Logic lives in `build-tools/*.mjs`: task strings are not run by bash. */
export class Tasks extends Component {
  public constructor(project: NodeProject) {
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
    add(
      'example',
      'Deploy one of the examples to this machine: npm run example -- hono-ssr',
      ric,
      'tsx --tsconfig examples/tsconfig.json examples/serve.ts',
    );
    add(
      'example:chat',
      'Serve the page of a chat with the AI SDK',
      ric,
      'tsx --tsconfig examples/tsconfig.json examples/ai-sdk-chat/serve.ts',
    );
    const console = project.addTask('example:console', {
      description: 'Run an example on this machine, with the console in the browser',
    });
    console.exec(ric);
    console.exec('tsx --tsconfig ../../test/tsconfig.json ../../src/cli/main.ts dev --open', {
      cwd: 'examples/flight-export',
      receiveArgs: true,
    });
    add('bench:handler', 'What the handler helper costs', 'tsx --tsconfig test/tsconfig.json bench/handler.ts');
    add('bench:invoker', 'The invoker against the SDK', 'tsx --tsconfig test/tsconfig.json bench/invoker/run.ts');
    add('bench:local', 'The local target', ric, 'tsx --tsconfig test/tsconfig.json bench/local/run.ts');
    add('bench:synth', 'Bundling against the usual ways', 'npm ci --prefix bench/synth', 'node bench/synth/run.mjs');
    add(
      'bench:web',
      'The web adapters against others',
      'npm ci --prefix bench/web',
      'tsx --tsconfig test/tsconfig.json bench/web/run.ts',
    );
    add(
      'conformance',
      'The acceptance table of web adapters, ours and others',
      ric,
      'npm ci --prefix bench/web',
      'tsx --tsconfig test/tsconfig.json bench/web/conformance.ts',
    );
    add('lint', 'Check style and floors without writing', lint);
    add('lint:unused', 'Find files and exports that nothing uses', 'knip --include files,exports,types');
    add('lint:fix', 'Apply safe lint and format fixes', 'biome check --write .');
    add(
      'typecheck',
      'Type-check sources, tests and examples',
      ...['projenrc', '.', 'test', 'console'].map((place) => `${TSC} --noEmit -p ${place}/tsconfig.json`),
    );
    add('test:slow', 'Run the suites that need minutes', ric, 'jest --ci --config test-slow/jest.config.cjs');
    add('test:mutation', 'Break the code, and expect the tests to notice', ric, 'node build-tools/mutate.mjs');
    add('integ', 'Compare the integ apps with their snapshots', 'jest --ci test/integ');
    const update = 'jest test/integ/snapshots';
    add('integ:update', 'Write the snapshots of the integ apps anew', update).env('UPDATE_INTEG_SNAPSHOTS', '1');
    add(
      'docs:check',
      'Compile every README and @example snippet',
      'node build-tools/snippets.mjs',
      // In one program: a compiler for each snippet reads the CDK anew.
      'jsii-rosetta extract --compile --strict --batch --directory .',
    );

    // What a moved or removed source left behind would be packed.
    project.preCompileTask.exec('node -e "fs.rmSync(\'lib\', { recursive: true, force: true })"');
    project.postCompileTask.prependExec('node build-tools/lazy.mjs');
    project.postCompileTask.prependExec('node build-tools/cli.mjs');
    const docgen = project.tasks.tryFind('docgen');
    docgen?.reset('node build-tools/api-constructs.mjs');
    docgen?.exec('node build-tools/api-entries.mjs');
    project.postCompileTask.prependExec('node build-tools/esm.mjs');
    project.postCompileTask.prependExec(ric);
    project.packageTask.reset('node build-tools/pack.mjs');
    project.tasks.tryFind('package:js')?.reset('node build-tools/pack.mjs');
    for (const language of ['python', 'java', 'dotnet', 'go']) {
      const task = project.tasks.tryFind(`package:${language}`);
      task?.reset('node build-tools/pack.mjs --for-jsii');
      task?.exec(`jsii-pacmak --verbose --target ${language} --no-npmignore --outdir dist dist/package`);
    }
  }
}

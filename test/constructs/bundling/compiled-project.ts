/** A project that has the library compiled in its `node_modules`, for tests that start processes of their own. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { buildSync } from 'esbuild';
import { Project } from './project';

/** How a file of the project imports the compiled `StreamingCode`. */
export const COMPILED = 'cdk-lambda-streaming/lib/constructs/streaming-code.js';

export function compiledProject(files: Record<string, string>): Project {
  const project = Project.create(files);
  for (const name of ['aws-cdk-lib', 'constructs']) {
    fs.symlinkSync(path.dirname(require.resolve(`${name}/package.json`)), project.path(`node_modules/${name}`));
  }
  buildSync({
    entryPoints: [path.resolve('src/constructs/streaming-code.ts')],
    outfile: project.path(`node_modules/${COMPILED}`),
    bundle: true,
    platform: 'node',
    packages: 'external',
    // Where the module that looks at the call stack would be.
    define: {
      __dirname: JSON.stringify(project.path('node_modules/cdk-lambda-streaming/lib/constructs/bundling')),
    },
  });
  return project;
}

/** The real `NodejsFunction` as the oracle of asset hashes. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as nodejs from 'aws-cdk-lib/aws-lambda-nodejs';
import { App, type AppProps, Stack } from 'aws-cdk-lib/core';
import { assetHashes, Project } from './project';

/** A project whose esbuild `NodejsFunction` finds too, by npx. */
export function oracleProject(files: Record<string, string>): Project {
  const project = Project.create(files);
  fs.mkdirSync(project.path('node_modules/.bin'), { recursive: true });
  fs.symlinkSync(path.resolve('node_modules/esbuild/bin/esbuild'), project.path('node_modules/.bin/esbuild'));
  return project;
}

/** The asset hash `NodejsFunction` gives to `src/handler.ts`. */
export function nodejsFunctionHash(
  project: Project,
  bundling: nodejs.BundlingOptions,
  runtime: lambda.Runtime = lambda.Runtime.NODEJS_22_X,
  props?: AppProps,
): string {
  // Its source maps name sources relative to the output folder.
  const outdir = project.path('cdk.out');
  fs.rmSync(outdir, { recursive: true, force: true });
  const stack = new Stack(new App({ outdir, analyticsReporting: false, ...props }), 'Stack');
  new nodejs.NodejsFunction(stack, 'Fn', {
    entry: project.path('src/handler.ts'),
    runtime,
    depsLockFilePath: project.path('package-lock.json'),
    bundling,
  });
  return assetHashes(stack)[0] ?? '';
}

/** The script that starts a bundled web server in a function with the Lambda Web Adapter, which runs it in place of a handler. */
import * as fs from 'node:fs';
import * as path from 'node:path';

/** The handler that names it. https://awslabs.github.io/aws-lambda-web-adapter/ */
export const START_SCRIPT_NAME = 'run.sh';

/** For everyone, as Lambda runs it as a user of its own. */
const EXECUTABLE = 0o755;

/** Servers commonly listen on `PORT`, and the adapter asks at `AWS_LWA_PORT`, which is 8080 unless it is set. */
export function startScript(extension: string): string {
  return [
    '#!/bin/sh',
    '# Starts the web server behind the Lambda Web Adapter. Written by cdk-lambda-streaming.',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is written like this in a shell
    'export PORT="${PORT:-${AWS_LWA_PORT:-8080}}"',
    `exec node "$(dirname "$0")/index${extension}"`,
    '',
  ].join('\n');
}

/** Writes the script into a bundle, unless it has one of its own. */
export function writeStartScript(dir: string, script: string | undefined): void {
  const file = path.join(dir, START_SCRIPT_NAME);
  if (script === undefined || fs.existsSync(file)) return;
  fs.writeFileSync(file, script);
  // Not by the mode of the write, from which the mask of the process is taken.
  fs.chmodSync(file, EXECUTABLE);
}

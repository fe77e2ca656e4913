/**
 * What a container image of the assembly runs, where its Dockerfile says so plainly: a web server behind the Lambda Web Adapter
 * whose files are copied as they are. What is built within the image cannot be known here.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, posix, resolve } from 'node:path';
import type { ImageProgram } from '../state';

/** The programs that this machine can be expected to have. */
const RUNNERS = ['node', 'python', 'python3'];

interface Stage {
  workdir: string;
  environment: Record<string, string>;
  /** Folder of the context that became the working directory. */
  source: string | undefined;
  command: readonly string[];
  entrypoint: readonly string[];
  hasAdapter: boolean;
}

/** The program of the last stage; undefined where it does not show. @param context folder that the image is built from */
export function dockerfileProgram(context: string, dockerfile = 'Dockerfile'): ImageProgram | undefined {
  const file = join(context, dockerfile);
  if (!existsSync(file)) return undefined;
  let stage = newStage();
  for (const [name, rest] of instructions(readFileSync(file, 'utf8'))) {
    if (name === 'FROM') stage = newStage();
    else read(stage, context, name, rest);
  }
  const command = [...stage.entrypoint, ...stage.command];
  const [runner = '', ...given] = command;
  const script = given.find((argument) => !argument.startsWith('-'));
  if (!stage.hasAdapter || !RUNNERS.includes(runner) || script === undefined || stage.source === undefined) {
    return undefined;
  }
  if (!existsSync(join(stage.source, script))) return undefined;
  return { command, cwd: stage.source, environment: stage.environment };
}

function newStage(): Stage {
  return { workdir: '/', environment: {}, source: undefined, command: [], entrypoint: [], hasAdapter: false };
}

function instructions(text: string): [name: string, rest: string][] {
  return text
    .replace(/^\s*#.*$/gm, '')
    .replace(/\\\r?\n/g, ' ')
    .split(/\r?\n/)
    .flatMap((line) => {
      const [, name, rest] = /^\s*(\w+)\s+(.*?)\s*$/.exec(line) ?? [];
      return name === undefined || rest === undefined ? [] : [[name.toUpperCase(), rest] as [string, string]];
    });
}

function read(stage: Stage, context: string, name: string, rest: string): void {
  if (name === 'WORKDIR') stage.workdir = posix.resolve(stage.workdir, unquoted(rest));
  else if (name === 'ENV') Object.assign(stage.environment, variables(rest));
  else if (name === 'CMD') stage.command = words(rest);
  else if (name === 'ENTRYPOINT') stage.entrypoint = words(rest);
  else if (name === 'COPY' || name === 'ADD') copy(stage, context, rest);
}

function copy(stage: Stage, context: string, rest: string): void {
  if (/lambda-adapter/.test(rest)) stage.hasAdapter = true;
  if (/--from=/.test(rest)) return;
  const paths = rest.split(/\s+/).filter((each) => !each.startsWith('--'));
  const to = posix.resolve(stage.workdir, paths.at(-1) ?? '.');
  const [from] = paths;
  const source = resolve(context, from ?? '.');
  if (to !== stage.workdir || from === undefined || !existsSync(source)) return;
  stage.source ??= statSync(source).isDirectory() ? source : dirname(source);
}

/** `A=1 B="2 3"`, and the older `A 1`. */
function variables(rest: string): Record<string, string> {
  const pairs = [...rest.matchAll(/(\w+)=("[^"]*"|'[^']*'|\S*)/g)];
  if (pairs.length > 0) return Object.fromEntries(pairs.map(([, key = '', value = '']) => [key, unquoted(value)]));
  const [, key, value = ''] = /^(\w+)\s+(.*)$/.exec(rest) ?? [];
  return key === undefined ? {} : { [key]: value };
}

function unquoted(text: string): string {
  return text.replace(/^(["'])(.*)\1$/, '$2');
}

/** A list in JSON; what a shell would take apart is not guessed. */
function words(rest: string): readonly string[] {
  try {
    const list: unknown = JSON.parse(rest);
    return Array.isArray(list) ? list.map(String) : [];
  } catch {
    return /["'$&|;<>()]/.test(rest) ? [] : rest.split(/\s+/);
  }
}

/**
 * How other commands find and ask a running local target: it serves on loopback, and leaves its address and a secret in a
 * file that only this user can read. Whoever does not know the secret, a web page for example, is refused.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import type { LocalFunction } from '../local/engine/deployed-functions';
import type { LocalClientConfig, LocalTarget } from '../local/local-target';
import { privateFolder } from './private-folder';
import { UsageError } from './usage-error';

/** A function as the running target lists it, and who may call it from here. */
interface FoundLocally {
  readonly functionName: string;
  readonly client: Omit<LocalClientConfig, 'credentials'> & {
    readonly credentials: Omit<LocalClientConfig['credentials'], 'expiration'>;
  };
}

/** What is asked: a function by path, name or ARN, and as whom it is to be called. */
interface Question {
  readonly function: string;
  /** Version or alias, where the caller says it apart from the function. */
  readonly qualifier?: string | undefined;
  readonly as?: string | undefined;
}

/** What is in the file of a running target. */
interface TargetRecord {
  readonly url: string;
  readonly secret: string;
  /** Where it was started. */
  readonly folder: string;
  /** What is killed cannot remove its file. */
  readonly pid: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
}

export interface Control {
  stop(): Promise<void>;
}

/** Serves questions about `local`, for commands in this folder and below. */
export async function serveControl(local: LocalTarget): Promise<Control> {
  const secret = randomBytes(24).toString('base64url');
  const server = createServer((request, response) => {
    answer(local, secret, request).then(
      (value) => response.end(JSON.stringify(value)),
      (error: unknown) => {
        const {
          status = 400,
          code = 'FAILED',
          message,
        } = error as { status?: number; code?: string; message?: string };
        response.writeHead(status).end(JSON.stringify({ error: { code, message } }));
      },
    );
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const record: TargetRecord = {
    url: `http://127.0.0.1:${port}`,
    secret,
    folder: process.cwd(),
    pid: process.pid,
    startedAt: Date.now(),
  };
  const file = join(privateFolder(), `${process.pid}.json`);
  rmSync(file, { force: true }); // of a process that was killed, and had this number
  writeFileSync(file, JSON.stringify(record), { mode: 0o600 });
  return {
    stop: async () => {
      rmSync(file, { force: true });
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Asks the local target that `start` or `dev` runs for this folder, or one above it. */
export async function askRunningTarget(question: Question): Promise<FoundLocally> {
  const targets = runningTargets();
  const inFolder = (folder: string) => targets.find((target) => target.folder === folder);
  const found = foldersAbove(process.cwd())
    .map(inFolder)
    .find((target) => target !== undefined);
  const advice = "start one in this folder with 'npx cdk-lambda-streaming start'";
  if (found === undefined) {
    const elsewhere = targets.map(({ folder }) => `'${folder}'`).join(' and for ');
    const call = elsewhere === '' ? '' : `there is one for ${elsewhere}: call from there, or `;
    throw new UsageError(`no local target runs for this folder; ${call}${advice}`);
  }
  const { url, secret } = found;
  const headers = { authorization: `Bearer ${secret}` };
  let response: Response;
  try {
    response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(question) });
  } catch (cause) {
    throw Object.assign(new Error(`the local target of this folder does not answer; ${advice}`, { cause }), {
      code: 'NOT_RUNNING',
    });
  }
  const value = (await response.json()) as { functionName: string; client: LocalClientConfig } & {
    readonly error?: { code: string; message: string };
  };
  if (value.error) throw Object.assign(new Error(value.error.message), { code: value.error.code });
  const { functionName, client } = value;
  // A date is a string in JSON, and the call begins at once.
  const { expiration: _, ...credentials } = client.credentials;
  return { functionName, client: { ...client, credentials } };
}

/** The one that was started last first. */
function runningTargets(): readonly TargetRecord[] {
  const place = privateFolder();
  const records = readdirSync(place).flatMap((name) => readRecord(join(place, name)));
  return records.filter(({ pid }) => isRunning(pid)).sort((a, b) => b.startedAt - a.startedAt);
}

/** None where the target has just ended, or is just writing it. */
function readRecord(file: string): readonly TargetRecord[] {
  try {
    return [JSON.parse(readFileSync(file, 'utf8')) as TargetRecord];
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false; // no such process, or that of another user, who has a folder of their own
  }
}

async function answer(local: LocalTarget, secret: string, request: IncomingMessage): Promise<FoundLocally> {
  const given = Buffer.from(request.headers.authorization ?? '');
  const expected = Buffer.from(`Bearer ${secret}`);
  const isKnown = given.length === expected.length && timingSafeEqual(given, expected);
  if (!isKnown || request.method !== 'POST')
    throw Object.assign(new Error('forbidden'), { status: 403, code: 'FORBIDDEN' });
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece);
  const question = JSON.parse(Buffer.concat(pieces).toString('utf8')) as Question;
  const { functionArn, qualifier } = findFunction(local, question);
  const [, partition, , , account] = functionArn.split(':');
  const { as = `arn:${partition}:iam::${account}:root` } = question;
  const principal = as.startsWith('arn:') ? as : `arn:${partition}:iam::${account}:role/${as}`;
  const functionName = qualifier === undefined ? functionArn : `${functionArn}:${qualifier}`;
  const region = functionArn.split(':')[3];
  return { functionName, client: local.clientConfig({ as: principal, ...(region !== undefined && { region }) }) };
}

/** By its construct path, where its alias is meant too, as grants and endpoints are for it; else as Lambda takes it. */
function findFunction(
  local: LocalTarget,
  { function: text, qualifier }: Question,
): { readonly functionArn: string; readonly qualifier?: string | undefined } {
  const functions = local.functions();
  const byPath = functions.find(({ constructPath }) => constructPath === text);
  // The caller of the answer adds the qualifier of the question.
  if (byPath)
    return { functionArn: byPath.functionArn, ...(qualifier === undefined && { qualifier: aliasOf(byPath) }) };
  for (const { functionArn, functionName, constructPath = functionName } of functions) {
    for (const name of [functionArn, functionName, constructPath]) {
      if (text === name) return { functionArn };
      if (text.startsWith(`${name}:`)) return { functionArn, qualifier: text.slice(name.length + 1) };
    }
  }
  const known = functions.map(({ constructPath, functionName }) => `\n  ${constructPath ?? functionName}`).join('');
  throw Object.assign(new Error(`no function '${text}' is deployed here; there are:${known || ' none'}`), {
    code: 'NOT_FOUND',
  });
}

/** Whether its path alone does not say which alias is meant: neither 'live', as StreamingFunction makes it, nor the only one. */
export function isAmbiguous({ aliases }: LocalFunction): boolean {
  return aliases.length > 1 && !aliases.includes('live');
}

function aliasOf(found: LocalFunction): string | undefined {
  const { constructPath, functionName, aliases } = found;
  const [first] = aliases;
  if (!isAmbiguous(found)) return aliases.includes('live') ? 'live' : first;
  const problem = `'${constructPath}' has the aliases ${aliases.join(', ')}, and none is called live`;
  const advice = `say which with --qualifier ${first}, or '${functionName}:${first}'`;
  throw Object.assign(new Error(`${problem}; ${advice}`), { code: 'CONFIG_INVALID' });
}

function foldersAbove(folder: string): string[] {
  return folder === dirname(folder) ? [folder] : [folder, ...foldersAbove(dirname(folder))];
}

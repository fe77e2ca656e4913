/** How other commands ask a running local target. Whoever does not know the secret, a web page for example, is refused. */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Deployment } from '../local/engine/deployment';
import type { LocalClientConfig, LocalTarget } from '../local/local-target';
import type { LocalLogRecord } from '../local/services/cloudwatch-logs/log-store';
import { findDeployed, type NamedFunction } from './deployed-function';
import { findRole } from './deployed-role';
import { answerExplain, type ExplainAnswer, type ExplainQuestion } from './explain-question';
import { findTarget, leaveRecord, START_ONE } from './target-record';
import type { Terminal } from './terminal';

/** As whom: a role, as `findRole` takes it; of several of a name the one in the account of the function is meant. */
interface AsRole {
  readonly as?: string | undefined;
}

/** A client of Lambda's: the date of its credentials is left out, which is a string in JSON. */
type ClientConfig = Omit<LocalClientConfig, 'credentials'> & {
  readonly credentials: Omit<LocalClientConfig['credentials'], 'expiration'>;
};

export type LogEntry = Pick<LocalLogRecord, 'at' | 'functionArn' | 'requestId' | 'message'>;

/** Calls `reader` with all that functions log from now on; gives what ends that. */
type FollowLogs = (reader: (entry: LogEntry) => void) => () => void;

/** What can be asked, and what is answered, line by line. */
interface Questions {
  /** How to call a function as somebody. */
  readonly call: [
    question: NamedFunction & AsRole,
    answer: { readonly functionName: string; readonly client: ClientConfig },
  ];
  /** Who may call a function, or what it may do itself. */
  readonly explain: [question: ExplainQuestion, answer: ExplainAnswer];
  /** To deploy an assembly. */
  readonly deploy: [
    question: { readonly assembly: string; readonly stacks?: readonly string[] | undefined },
    answer: Deployment,
  ];
  /** What was logged; with `follow` also what will be, until the asker leaves. */
  readonly logs: [question: Partial<NamedFunction> & { readonly follow?: boolean | undefined }, answer: LogEntry];
}

type Topic = keyof Questions;

interface Asked<About extends Topic> {
  readonly about: About;
  readonly question: Questions[About][0];
}

export interface Control {
  stop(): Promise<void>;
}

/** What a question is answered from. */
export interface Controlled {
  readonly local: LocalTarget;
  readonly followLogs: FollowLogs;
}

/** Serves questions, for commands in this folder and below. */
export async function serveControl(controlled: Controlled): Promise<Control> {
  const secret = randomBytes(24).toString('base64url');
  const server = createServer((request, response) => {
    answer(controlled, secret, request, response).catch((error: unknown) => {
      const { status = 400, code = 'FAILED', message } = error as { status?: number; code?: string; message?: string };
      response.writeHead(status).end(JSON.stringify({ error: { code, message } }));
    });
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const stop = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  try {
    const removeRecord = leaveRecord({ url: `http://127.0.0.1:${port}`, secret, endpoint: controlled.local.endpoint });
    return {
      stop: async () => {
        removeRecord();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Who asks: hears which target is asked where that is not plain, and may give up. */
type Asker = Pick<Terminal, 'note' | 'signal'>;

/** Asks the target of this folder for one answer. */
export async function ask<About extends Topic>(
  about: About,
  question: Questions[About][0],
  asker: Asker,
): Promise<Questions[About][1]> {
  for await (const value of askForAll(about, question, asker)) return value;
  throw notRunning(undefined);
}

/** Asks the target of this folder for answers until there are no more. */
export async function* askForAll<About extends Topic>(
  about: About,
  question: Questions[About][0],
  { note, signal }: Asker,
): AsyncGenerator<Questions[About][1]> {
  const { url, secret } = findTarget(note);
  const asked: Asked<About> = { about, question };
  const headers = { authorization: `Bearer ${secret}` };
  let response: Response;
  try {
    response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(asked), signal });
  } catch (cause) {
    signal.throwIfAborted();
    throw notRunning(cause);
  }
  let rest = '';
  const decoder = new TextDecoder();
  try {
    for await (const piece of response.body ?? []) {
      const lines = (rest + decoder.decode(piece, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) yield JSON.parse(line) as Questions[About][1];
    }
  } catch (error) {
    signal.throwIfAborted();
    // The target has ended, and with it what it could say.
    if (!(error instanceof TypeError)) throw error;
  }
  if (rest === '') return;
  const { error } = JSON.parse(rest) as { readonly error: { readonly code: string; readonly message: string } };
  throw Object.assign(new Error(error.message), { code: error.code });
}

const notRunning = (cause: unknown): Error =>
  Object.assign(new Error(`the local target of this folder does not answer; ${START_ONE}`, { cause }), {
    code: 'NOT_RUNNING',
  });

/** Of the past. */
const LINES_SHOWN = 2_000;

async function answer(
  { local, followLogs }: Controlled,
  secret: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const given = Buffer.from(request.headers.authorization ?? '');
  const expected = Buffer.from(`Bearer ${secret}`);
  const isKnown = given.length === expected.length && timingSafeEqual(given, expected);
  if (!isKnown || request.method !== 'POST')
    throw Object.assign(new Error('forbidden'), { status: 403, code: 'FORBIDDEN' });
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece);
  const asked = JSON.parse(Buffer.concat(pieces).toString('utf8')) as { [About in Topic]: Asked<About> }[Topic];
  const say = (value: unknown) => response.write(`${JSON.stringify(value)}\n`);
  if (asked.about === 'call') say(howToCall(local, asked.question));
  else if (asked.about === 'explain') answerExplain(local, asked.question).forEach(say);
  else if (asked.about === 'deploy') {
    const { assembly, stacks } = asked.question;
    say(await local.deploy(assembly, { ...(stacks && { stacks }) }));
  } else {
    const { function: name, follow } = asked.question;
    const arn = name === undefined ? undefined : findDeployed(local, { function: name, qualifier: '' }).functionArn;
    const tell = ({ at, functionArn, requestId, message }: LogEntry) => {
      if (arn === undefined || functionArn === arn) say({ at, functionArn, requestId, message });
    };
    local.logs(arn).slice(-LINES_SHOWN).forEach(tell);
    if (follow) {
      response.once('close', followLogs(tell));
      response.flushHeaders();
      return;
    }
  }
  response.end();
}

function howToCall(local: LocalTarget, question: Questions['call'][0]): Questions['call'][1] {
  const { functionArn, qualifier } = findDeployed(local, question);
  const as = question.as === undefined ? administratorOf(functionArn) : findRole(local, question.as, functionArn);
  const region = functionArn.split(':')[3];
  const { credentials, ...place } = local.clientConfig({
    as,
    ...(region !== undefined && { region }),
  });
  const { expiration: _, ...keys } = credentials;
  const functionName = qualifier === undefined ? functionArn : `${functionArn}:${qualifier}`;
  return { functionName, client: { ...place, credentials: keys } };
}

function administratorOf(functionArn: string): string {
  const [, partition, , , account] = functionArn.split(':');
  return `arn:${partition}:iam::${account}:root`;
}

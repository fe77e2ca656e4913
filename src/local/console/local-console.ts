/**
 * The console, as a part of the local HTTP server: its page at `/_console`, and below `/_console/api/` what the page asks
 * and does. Every request needs the token; what changes something is a POST.
 */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isObject } from '../../base/is-object';
import { frontEndOf } from '../http/front-end-address';
import { readRequestBody } from '../http/request-body';
import type { HttpRoute } from '../http/server';
import type { Journal } from '../journal/journal';
import { isLocalError, LocalConfigError } from '../local-error';
import type { InjectedFaults } from '../operations/injected-faults';
import type { Fault } from '../operations/invocation-options';
import { refusal } from './console-access';
import { type InvokingParts, invokeFromConsole } from './console-invoke';
import type { ConsoleOverview } from './console-overview';
import { readConsolePage } from './console-page';

const REQUEST_MAX_BYTES = 8 * 1_024 * 1_024;
/** A page that does not read so many events is cut off, and begins anew when it does. */
const UNREAD_MAX_EVENTS = 500_000;
const PATH = /^\/_console(\/|$)/;

/** What the console shows and uses. The port is not known before the server listens, so the address is asked for. */
export interface ConsoleParts extends InvokingParts {
  readonly journal: Journal;
  readonly faults: InjectedFaults;
  readonly overview: () => ConsoleOverview;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;

export class LocalConsole implements HttpRoute {
  private readonly token = randomBytes(24).toString('base64url');
  private readonly pages = new Set<() => void>();
  /** Of the faults that the pages asked for. */
  private readonly takeBack = new Set<() => void>();
  private readonly handlers: Readonly<Record<string, Handler>> = {
    'GET /_console': (_, response) => {
      const { headers, html } = readConsolePage();
      answer(response, 200, html, headers);
    },
    'GET /_console/api/events': (_, response) => this.sendEvents(response),
    'POST /_console/api/invoke': async (request, response) => {
      const gone = new AbortController();
      response.once('close', () => gone.abort());
      answerJson(response, 200, await invokeFromConsole(this.parts, await jsonOf(request), gone.signal));
    },
    'POST /_console/api/faults': async (request, response) => {
      const asked = await jsonOf(request);
      const { fault, functionName } = isObject(asked) ? asked : {};
      // Whatever they are: what does not fit is refused in words.
      this.takeBack.add(this.parts.faults.add(fault as Fault, { functionName: functionName as string }));
      answerJson(response, 200, {});
    },
    'DELETE /_console/api/faults': (_, response) => {
      for (const takeBack of this.takeBack) takeBack();
      this.takeBack.clear();
      answerJson(response, 200, {});
    },
  };

  public constructor(private readonly parts: ConsoleParts) {}

  /** The address of the page, with the token. */
  public get url(): string {
    return `${this.parts.endpoint()}/_console?token=${this.token}`;
  }

  /** Shows the pages what is deployed and asked for now. */
  public changed(): void {
    for (const tell of this.pages) tell();
  }

  public matches(request: IncomingMessage): boolean {
    return PATH.test(pathOf(request)) && frontEndOf(request) === undefined;
  }

  public handle(request: IncomingMessage, response: ServerResponse): void {
    const path = pathOf(request).replace(/\/$/, '');
    const { host } = new URL(this.parts.endpoint());
    const refused = refusal(request, { host, token: this.token }, path === '/_console');
    const handler = refused === undefined ? this.handlers[`${request.method} ${path}`] : undefined;
    if (handler === undefined) {
      request.resume();
      const { status, message } = refused ?? { status: 404, message: `the console has no ${request.method} ${path}` };
      answerJson(response, status, { message });
      return;
    }
    Promise.resolve()
      .then(() => handler(request, response))
      .catch((error: unknown) => {
        const { message } = error as Error;
        if (response.headersSent) response.destroy();
        else answerJson(response, isLocalError(error) ? 400 : 500, { message });
      });
  }

  /** What there is and what happens, as server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html */
  private sendEvents(response: ServerResponse): void {
    answerHead(response, 200, { 'content-type': 'text/event-stream' });
    const unsent: unknown[] = [];
    let next = 0;
    let isSending = false;
    // At the pace of the page: what is kept may be much more than a connection takes at once.
    const sendOn = () => {
      isSending = true;
      while (next < unsent.length && !response.destroyed) {
        const hasRoom = response.write(`data: ${JSON.stringify(unsent[next])}\n\n`);
        next += 1;
        if (!hasRoom) {
          response.once('drain', sendOn);
          return;
        }
      }
      unsent.length = 0;
      next = 0;
      isSending = false;
    };
    const send = (value: unknown) => {
      unsent.push(value);
      if (unsent.length - next > UNREAD_MAX_EVENTS) response.destroy();
      else if (!isSending) sendOn();
    };
    const tellOverview = () => send({ type: 'overview', ...this.parts.overview() });
    tellOverview();
    const unsubscribe = this.parts.journal.subscribe(send);
    this.pages.add(tellOverview);
    response.once('close', () => {
      unsubscribe();
      this.pages.delete(tellOverview);
    });
  }
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?')[0] ?? '/';
}

/** @throws LocalConfigError for what is not JSON */
async function jsonOf(request: IncomingMessage): Promise<unknown> {
  const body = await readRequestBody(request, REQUEST_MAX_BYTES);
  if (typeof body === 'string') throw new LocalConfigError(`the request is ${body}`);
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new LocalConfigError(`the request must be JSON: ${(error as Error).message}`);
  }
}

function answer(
  response: ServerResponse,
  status: number,
  body: string | Buffer,
  headers: Readonly<Record<string, string>>,
): void {
  answerHead(response, status, headers);
  response.end(body);
}

function answerHead(response: ServerResponse, status: number, headers: Readonly<Record<string, string>>): void {
  response.writeHead(status, { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', ...headers });
}

function answerJson(response: ServerResponse, status: number, value: unknown): void {
  answer(response, status, JSON.stringify(value), { 'content-type': 'application/json' });
}

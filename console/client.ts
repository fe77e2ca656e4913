/** Talks to the target: what happens, as it happens, and what the page asks for. */
import type { ConsoleAnswer, ConsoleCall } from '../src/local/console/console-invoke';
import type { ConsoleOverview } from '../src/local/console/console-overview';
import type { JournalEvent } from '../src/local/journal/journal-event';
import type { Fault } from '../src/local/operations/invocation-options';

export type ConsoleEvent = JournalEvent | ({ readonly type: 'overview' } & ConsoleOverview);

const token = new URLSearchParams(location.search).get('token') ?? '';
const headers = { authorization: `Bearer ${token}` };
const RETRY_MS = 1_000;

export interface Listener {
  event(event: ConsoleEvent): void;
  /** What is known so far counts no more: all of it follows again. */
  begin(): void;
  /** Whether the target answers; with the reason where it does not. */
  connection(isOpen: boolean, problem?: string): void;
}

/** Listens as long as the page lives. */
export async function listen(listener: Listener): Promise<never> {
  for (;;) {
    try {
      const response = await fetch('/_console/api/events', { headers });
      if (!response.ok || response.body === null) throw new Error(await messageOf(response));
      listener.begin();
      listener.connection(true);
      await readEvents(response.body, (event) => listener.event(event));
      listener.connection(false, 'the target closed the connection');
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      listener.connection(false, text === 'Failed to fetch' ? 'the target does not answer; start it again' : text);
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

async function readEvents(body: ReadableStream<Uint8Array>, tell: (event: ConsoleEvent) => void): Promise<void> {
  const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) tell(JSON.parse(block.slice('data: '.length)) as ConsoleEvent);
  }
}

/** @throws Error in the target's words where it does not take the call */
export async function invoke(call: ConsoleCall, signal: AbortSignal): Promise<ConsoleAnswer> {
  return (await post('invoke', call, signal)) as ConsoleAnswer;
}

/** Disturbs the next call of a function. @throws Error in the target's words where it is no fault */
export async function injectFault(fault: Fault, functionName: string): Promise<void> {
  await post('faults', { fault, functionName });
}

/** Takes back what has not happened of the faults that were asked for here. */
export async function takeFaultsBack(): Promise<void> {
  await fetch('/_console/api/faults', { method: 'DELETE', headers });
}

async function post(path: string, value: unknown, signal?: AbortSignal): Promise<unknown> {
  const init = { method: 'POST', headers, body: JSON.stringify(value) };
  const response = await fetch(`/_console/api/${path}`, signal === undefined ? init : { ...init, signal });
  if (!response.ok) throw new Error(await messageOf(response));
  return response.json();
}

async function messageOf(response: Response): Promise<string> {
  const text = await response.text();
  try {
    return (JSON.parse(text) as { readonly message: string }).message;
  } catch {
    return text === '' ? `HTTP ${response.status}` : text; // not JSON
  }
}

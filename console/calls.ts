/** Makes calls out of the events of the journal. */
import { base64ToBytes } from '../src/base/bytes';
import type { ConsoleAnswer } from '../src/local/console/console-invoke';
import type { LocalFunction } from '../src/local/engine/deployed-functions';
import type { CallEvent, CallOperation, JournalEvent, Payload } from '../src/local/journal/journal-event';

type Decided = Extract<CallEvent, { readonly type: 'decided' }>;

export interface Piece extends Payload {
  readonly at: number;
}

export interface Call {
  readonly id: string;
  readonly operation: CallOperation;
  readonly what: string;
  readonly through: string | undefined;
  /** The service that called, where it was none of its clients. */
  readonly by: string | undefined;
  readonly tag: string | undefined;
  readonly acceptedAt: number;
  readonly decisions: Decided[];
  readonly faults: object[];
  readonly pieces: Piece[];
  readonly log: { readonly at: number; readonly message: string }[];
  bytes: number;
  reached?: Extract<CallEvent, { readonly type: 'reached' }>;
  started?: Extract<CallEvent, { readonly type: 'started' }>;
  delivered?: Extract<CallEvent, { readonly type: 'delivered' }>;
  answered?: Extract<CallEvent, { readonly type: 'answered' }>;
  completed?: Extract<CallEvent, { readonly type: 'completed' }>;
  ended?: Extract<CallEvent, { readonly type: 'ended' }>;
  /** What the caller saw, where the console called. */
  answer?: ConsoleAnswer;
}

/** More than the target keeps, as the page may be open for long. */
const KEPT_CALLS = 300;

/** Undefined where they are not kept. */
export function bytesOf({ bytes, text, base64 }: Piece): Uint8Array | undefined {
  if (text !== undefined) return new TextEncoder().encode(text);
  return base64 === undefined ? (bytes === 0 ? new Uint8Array(0) : undefined) : base64ToBytes(base64);
}

/** Adds what happened. */
export function addEvent(calls: Map<string, Call>, event: JournalEvent): void {
  if (event.type === 'accepted') {
    const { call: id, at: acceptedAt, by, operation, what, through, tag } = event;
    const empty = { decisions: [], faults: [], pieces: [], log: [], bytes: 0 };
    if (calls.size >= KEPT_CALLS) calls.delete([...calls.keys()][0] ?? '');
    calls.set(id, { id, acceptedAt, by, operation, what, through, tag, ...empty });
    return;
  }
  const call = calls.get(event.call ?? '');
  if (call === undefined) return;
  if (event.type === 'log') call.log.push(event);
  else if (event.type === 'decided') call.decisions.push(event);
  else if (event.type === 'faulted') call.faults.push(event.fault);
  else if (event.type === 'reached') call.reached = event;
  else if (event.type === 'started') call.started = event;
  else if (event.type === 'delivered') call.delivered = event;
  else if (event.type === 'answered') call.answered = event;
  else if (event.type === 'completed') call.completed = event;
  else if (event.type === 'ended') call.ended = event;
  else {
    call.pieces.push(event);
    call.bytes += event.bytes;
  }
}

/** Whether its caller only heard that the event was accepted. */
export function isAsynchronous({ ended, operation }: Call): boolean {
  return operation === 'Invoke' && ended?.status === 202;
}

/** Whether the function runs though its caller has left. */
export function isGoingOn(call: Call): boolean {
  const { completed, started } = call;
  return isAsynchronous(call) && started !== undefined && (completed?.at ?? 0) < started.at;
}

/** The time until which a call is known: its end, or now. */
export function endOf(call: Call, now: number): number {
  const { ended, completed } = call;
  if (ended === undefined || isGoingOn(call)) return now;
  return Math.max(ended.at, completed?.at ?? 0);
}

/** Name and qualifier, as the sidebar calls it; the name of a function that is gone. */
export function functionNameOf({ started, decisions, reached }: Call, functions: readonly LocalFunction[]): string {
  const decided = decisions.find(({ resource }) => resource.includes(':function:'))?.resource;
  const arn = started?.invokedArn ?? decided ?? reached?.function ?? '';
  const [name = '', ...qualifier] = arn.replace(/^.*:function:/, '').split(':');
  const found = functions.find(({ functionArn, functionName }) => {
    return (
      arn === functionArn || arn.startsWith(`${functionArn}:`) || (!arn.startsWith('arn:') && name === functionName)
    );
  });
  return [found === undefined ? name : shortName(found), ...qualifier].join(':');
}

/** The construct's path in its stack: generated names tell nobody anything. */
export function shortName({ constructPath, functionName, stackName }: LocalFunction): string {
  return constructPath?.slice(stackName.length + 1) ?? functionName;
}

/** The service, the function or the principal that called; empty where nobody was asked who it is. */
export function callerOf({ by, decisions }: Call, functions: readonly LocalFunction[]): string {
  const principal = decisions[0]?.principal ?? '';
  // A function calls in a session of its role that has its name.
  const [, role, session] = /:assumed-role\/([^/]+)\/([^/]+)$/.exec(principal) ?? [];
  const fn = role === undefined ? undefined : functions.find(({ functionName }) => functionName === session);
  return by ?? (fn === undefined ? shortArn(principal) : shortName(fn));
}

/** What tells principals apart: `role/Caller`, `Caller/session`. */
export function shortArn(arn: string): string {
  const resource = arn.split(':').slice(5).join(':');
  return resource === '' ? arn : resource.replace(/^assumed-role\//, '');
}

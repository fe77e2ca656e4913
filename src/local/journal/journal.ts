/**
 * Writes down what happens to each call while it happens, for those who look on: the console. The last calls are kept, so
 * that who comes later sees them too. Without it nothing is written down.
 */
import type { ServerResponse } from 'node:http';
import type { Authorize } from '../iam/authorize';
import { explain } from '../iam/explain';
import { principalName } from '../iam/principals';
import type { InvocationRequest, InvocationResult } from '../runtime/active-invocation';
import type { InvocationListener } from '../runtime/environment-pool';
import type { LogRecord } from '../runtime/log-listener';
import type { RuntimeResponse } from '../runtime/runtime-api';
import type { FunctionConfiguration } from '../state';
import type { CallEvent, CallOperation, JournalEvent, Payload } from './journal-event';

/** Calls that are kept, and how much of each. */
const KEPT_CALLS = 100;
const KEPT_BYTES = 64 * 1_024 * 1_024;
const KEPT_EVENTS = 20_000;
const KEPT_PAYLOAD_BYTES = 4 * 1_024 * 1_024;
const KEPT_EVENT_BYTES = 64 * 1_024;

/** How the request came, for {@link Journal.accepted}. */
export interface AcceptedRequest {
  readonly operation: CallOperation;
  readonly request: {
    readonly method?: string | undefined;
    readonly url?: string | undefined;
    readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
    readonly socket: { readonly remotePort?: number | undefined };
  };
  readonly response: ServerResponse;
  /** When it came, where it is told later. @default - now */
  readonly at?: number;
  /** By which its caller knows it. @default - the one that its port was given */
  readonly tag?: string | undefined;
}

/** A service that has a function invoked, without a request that a client could have sent. */
export interface ServiceCall {
  readonly by: string;
  /** What for. */
  readonly what: string;
}

interface KeptCall {
  readonly events: JournalEvent[];
  payloadBytes: number;
  keptBytes: number;
  refusal: string | undefined;
  /** No response tells its end. */
  readonly isOfService?: boolean;
}

export class Journal implements InvocationListener {
  private readonly calls = new Map<string, KeptCall>();
  private keptBytes = 0;
  private readonly listeners = new Set<(event: JournalEvent) => void>();
  /** By the port that the request will come from. */
  private readonly tags = new Map<number, string>();

  /** Tells `listener` of everything that is kept, then of everything that happens. Gives what ends it. */
  public subscribe(listener: (event: JournalEvent) => void): () => void {
    for (const { events } of this.calls.values()) for (const event of events) listener(event);
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /**
   * The next request from this port on loopback gets the tag: who made it knows its own call again, and the function that
   * gets the request sees nothing of it. Gives what takes it back: another may come from the port later.
   */
  public tagNext(port: number, tag: string): () => void {
    this.tags.set(port, tag);
    return () => this.tags.delete(port);
  }

  /** `authorize`, whose decisions on calls are written down. */
  public watch(authorize: Authorize): Authorize {
    return (request) => {
      const decision = authorize(request);
      const { requestId, action, resource } = request;
      if (requestId !== undefined) {
        const principal = principalName(request.principal);
        this.write(requestId, { type: 'decided', principal, action, resource, explanation: explain(decision) });
      }
      return decision;
    };
  }

  /** The tag of the request that came from this port, for who sends it on in another one's name. */
  public takeTag({ socket: { remotePort = 0 } }: AcceptedRequest['request']): string | undefined {
    const tag = this.tags.get(remotePort);
    this.tags.delete(remotePort);
    return tag;
  }

  public accepted(call: string, { operation, request, response, at, tag }: AcceptedRequest): void {
    const { method = '', url = '/', headers } = request;
    const [path = '/'] = url.split('?');
    this.begin(call, {
      type: 'accepted',
      operation,
      what: `${method} ${path}`,
      by: undefined,
      through: headers['x-amz-cf-id'] === undefined ? undefined : 'CloudFront',
      tag: tag ?? this.takeTag(request),
      call,
      at: at ?? journalTime(),
    });
    response.once('close', () => {
      const refusal = this.calls.get(call)?.refusal;
      this.write(call, { type: 'ended', status: response.statusCode, isBroken: !response.writableFinished, refusal });
    });
  }

  /** A service has a function invoked; the call ends when the function is done. */
  public invoking(call: string, functionArn: string, service: ServiceCall): void {
    const fact = { operation: 'Invoke', through: undefined, tag: undefined, ...service } as const;
    this.begin(call, { type: 'accepted', ...fact, call, at: journalTime() }, true);
    this.reached(call, functionArn);
  }

  /** What a service asked for did not begin. */
  public notInvoked(call: string, refusal: string): void {
    this.write(call, { type: 'ended', status: 429, isBroken: false, refusal });
  }

  /** The function that is asked for is known: its ARN, or the name by which it was asked for. */
  public reached(call: string, fn: string): void {
    this.write(call, { type: 'reached', function: fn });
  }

  /** The answer will be a refusal, in these words; the first ones count. */
  public refused(call: string, words: string): void {
    const kept = this.calls.get(call);
    if (kept !== undefined) kept.refusal ??= words;
  }

  public faulted(call: string, fault: object): void {
    if (Object.keys(fault).length > 0) this.write(call, { type: 'faulted', fault });
  }

  /** Payload that goes to the caller. */
  public piece(call: string, bytes: Uint8Array): void {
    const kept = this.calls.get(call);
    if (kept === undefined) return;
    kept.payloadBytes += bytes.length;
    const isKept = kept.payloadBytes <= KEPT_PAYLOAD_BYTES;
    if (isKept) {
      kept.keptBytes = kept.payloadBytes;
      this.keptBytes += bytes.length;
    }
    while (this.keptBytes > KEPT_BYTES && this.calls.size > 1) this.forgetOldest();
    this.write(call, { type: 'piece', ...(isKept ? payloadOf(bytes) : { bytes: bytes.length }) });
  }

  public log({ functionArn, requestId: call, message }: LogRecord): void {
    this.publish(call, { type: 'log', call, at: journalTime(), functionArn, message });
  }

  public started(functionArn: string, { version }: FunctionConfiguration, request: InvocationRequest): void {
    const { invokedFunctionArn: invokedArn, payload, requestId } = request;
    const event = payload.length > KEPT_EVENT_BYTES ? { bytes: payload.length } : payloadOf(payload);
    this.write(requestId, { type: 'started', functionArn, invokedArn, version, event });
  }

  public delivered(call: string, initMs: number | undefined): void {
    this.write(call, { type: 'delivered', initMs });
  }

  public answered(call: string, { contentType, streaming: isStreamed }: RuntimeResponse): void {
    this.write(call, { type: 'answered', contentType, isStreamed });
  }

  public completed(call: string, { failure }: InvocationResult): void {
    const { errorMessage } = failure === undefined ? {} : (JSON.parse(failure.body) as { errorMessage?: string });
    this.write(call, { type: 'completed', errorType: failure?.errorType, errorMessage });
    if (this.calls.get(call)?.isOfService)
      this.write(call, { type: 'ended', status: 200, isBroken: false, refusal: undefined });
  }

  private begin(call: string, event: CallEvent, isOfService = false): void {
    this.calls.set(call, { events: [], payloadBytes: 0, keptBytes: 0, refusal: undefined, isOfService });
    if (this.calls.size > KEPT_CALLS) this.forgetOldest();
    this.publish(call, event);
  }

  private forgetOldest(): void {
    const [oldest] = this.calls;
    if (oldest === undefined) return;
    this.keptBytes -= oldest[1].keptBytes;
    this.calls.delete(oldest[0]);
  }

  private write(call: string, fact: Fact): void {
    this.publish(call, { ...fact, call, at: journalTime() });
  }

  private publish(call: string | undefined, event: JournalEvent): void {
    const kept = this.calls.get(call ?? '');
    // What is forgotten, or was never told.
    if (kept === undefined && event.type !== 'log') return;
    if (kept !== undefined && (kept.events.length < KEPT_EVENTS || event.type !== 'piece')) kept.events.push(event);
    for (const listener of this.listeners) listener(event);
  }
}

type Fact = CallEvent extends infer Event ? (Event extends CallEvent ? Omit<Event, 'call' | 'at'> : never) : never;

/** Milliseconds since 1970, with fractions. */
export function journalTime(): number {
  return Math.round((performance.timeOrigin + performance.now()) * 100) / 100;
}

/** As JSON can carry it. */
function payloadOf(bytes: Uint8Array): Payload {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString('utf8');
  const isText = Buffer.from(text, 'utf8').equals(buffer);
  return { bytes: bytes.length, ...(isText ? { text } : { base64: buffer.toString('base64') }) };
}

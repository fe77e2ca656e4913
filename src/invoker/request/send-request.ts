/**
 * Sends one command through an SDK client and takes the raw response away from the SDK at the response headers.
 * Works by middleware on the command, so the caller's client stays as it is; signing, credentials and endpoint are the
 * SDK's. One call is one attempt, whatever the client's retry strategy is.
 */
import { Readable } from 'node:stream';
import type { InvokeCommand, InvokeWithResponseStreamCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { bodyExcerpt, EXCERPT_MAX_BYTES } from '../../stream/body/byte-source';
import { toByteSource } from '../node-body';

/** What of an HTTP response the invoker reads; `body` is the platform's stream. */
export interface RawResponse {
  readonly statusCode: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** An answer that is not a stream. */
export interface Refusal {
  readonly statusCode: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Beginning of the body. */
  body: string;
  /** Waits for no more of the body. */
  cutShort(): void;
}

/** How far an attempt came, for telling whether the function can have run. */
export interface AttemptTrace {
  /** The request was handed to the connection. */
  sent: boolean;
  /** Of the request, once it is signed. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** The answer where it is not a stream, as soon as its headers are here. */
  refusal?: Refusal;
  /** Raised below the SDK's retry layer, where an error still has its own name and code. */
  failure?: unknown;
}

/** Any command of the Lambda client. */
export type Command = InvokeCommand | InvokeWithResponseStreamCommand;

interface Arguments {
  readonly request?: { readonly headers: Record<string, string> };
}
type Handler = (args: Arguments) => Promise<{ response: unknown; output: { $metadata: object } }>;
type Middleware = (next: Handler) => Handler;
/** The part of the SDK's middleware stack that is used here, free of the types of each command. */
interface CommandStack {
  add(middleware: Middleware, options: { step: 'build' | 'deserialize'; priority: 'low'; name: string }): void;
  addRelativeTo(middleware: Middleware, options: { relation: 'after'; toMiddleware: string; name: string }): void;
}

const RETRY_MIDDLEWARE = 'retryMiddleware';

/**
 * Resolves at the headers of a successful response, with its unread body: the caller reads it or closes it. Rejects with what the SDK says; `trace.failure` has the same before the SDK wrapped it.
 */
export function sendRequest(
  client: LambdaClient,
  command: Command,
  signal: AbortSignal,
  trace: AttemptTrace,
): Promise<RawResponse> {
  return new Promise((resolve, reject) => {
    const stack = command.middlewareStack as unknown as CommandStack;
    const { TenantId } = command.input;
    if (TenantId !== undefined)
      stack.add(addTenant(TenantId), { step: 'build', priority: 'low', name: 'responseStreamTenant' });
    let captured = false;
    const capture = (response: RawResponse) => {
      captured = true;
      resolve(response);
    };
    stack.add(captureResponse(trace, capture), { step: 'deserialize', priority: 'low', name: 'responseStreamCapture' });
    if (hasRetryLayer(client)) {
      const options = {
        relation: 'after',
        toMiddleware: RETRY_MIDDLEWARE,
        name: 'responseStreamSingleAttempt',
      } as const;
      stack.addRelativeTo(refuseRetries(trace), options);
    }
    const send = client.send.bind(client) as (
      command: Command,
      options: { abortSignal: AbortSignal },
    ) => Promise<unknown>;
    // A stand-in's send() may answer with anything.
    Promise.resolve(send(command, { abortSignal: signal })).then(() => {
      if (!captured) reject(unsent(trace));
    }, reject);
  });
}

/** Mocked clients do that, and so do middlewares of the client's that answer from a cache. */
function unsent({ sent }: AttemptTrace): Error {
  const what = sent ? 'without the response of the connection' : 'without sending a request';
  return new Error(
    `client.send() resolved ${what}: a mock of the client, or a middleware of it, answered instead. The invoker reads the HTTP response itself; in tests let the client talk to a loopback server, as cdk-lambda-streaming/testing does`,
  );
}

/** Asking a client for its middleware takes longer than the rest of this file, so it is asked once. */
const retryLayers = new WeakMap<LambdaClient, boolean>();

function hasRetryLayer(client: LambdaClient): boolean {
  const known = retryLayers.get(client);
  if (known !== undefined) return known;
  const found = client.middlewareStack.identify().some((name) => name.startsWith(RETRY_MIDDLEWARE));
  retryLayers.set(client, found);
  return found;
}

/** Clients before the API had tenants drop the parameter without a word. */
function addTenant(tenantId: string): Middleware {
  return (next) => (args) => {
    if (args.request !== undefined) args.request.headers['x-amz-tenant-id'] ??= tenantId;
    return next(args);
  };
}

/** Inside the SDK's deserializer, which gets an empty body to finish with. */
function captureResponse(trace: AttemptTrace, capture: (response: RawResponse) => void): Middleware {
  return (next) => async (args) => {
    trace.sent = true;
    trace.headers = args.request?.headers;
    const result = await next(args);
    const response = result.response as RawResponse;
    if (typeof response?.statusCode !== 'number') throw new Error("the client's HTTP handler gave no response");
    const { statusCode, body } = response;
    if (statusCode >= 300) return { ...result, response: withBody(response, await readRefusal(trace, response)) };
    capture({ statusCode, headers: { ...response.headers }, body });
    return { ...result, response: withBody(response, []) };
  };
}

/** The SDK would collect the whole body of a refusal, however long that is or takes; it gets the beginning. */
async function readRefusal(trace: AttemptTrace, { statusCode, headers, body }: RawResponse): Promise<Uint8Array[]> {
  const source = toByteSource(body, EXCERPT_MAX_BYTES);
  const refusal = { statusCode, headers: { ...headers }, body: '', cutShort: () => source?.close() };
  trace.refusal = refusal;
  if (source !== undefined) refusal.body = await bodyExcerpt(source);
  return [new TextEncoder().encode(refusal.body)];
}

function withBody(response: RawResponse, pieces: readonly Uint8Array[]): RawResponse {
  const copy: RawResponse = Object.create(Object.getPrototypeOf(response));
  return Object.assign(copy, response, { body: Readable.from(pieces) });
}

/**
 * Right inside the retry layer, around signing: hands it an error it has no reason to retry, since a second attempt may
 * run the function twice. Signing has seen the original by then and corrected its clock.
 */
function refuseRetries(trace: AttemptTrace): Middleware {
  return (next) => async (args) => {
    if (trace.failure === undefined) {
      try {
        return await next(args);
      } catch (error) {
        trace.failure = error ?? new Error('the attempt failed without an error');
      }
    }
    // No `cause`: the SDK's retry strategy would look into it and find something worth another attempt.
    throw Object.assign(new Error('the attempt failed'), { name: 'AttemptFailed', $metadata: {} });
  };
}

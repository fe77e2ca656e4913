/**
 * Remembers what IAM refused, so that what a caller got of it can be explained: by the request id, which every answer has,
 * or by AWS's words, which the error carries.
 */

import type { Authorize } from './authorize';
import type { Decision } from './decision';
import { type Explanation, explain } from './explain';

/** Refusals that can be explained: the last ones. */
const KEPT = 200;

/** What a caller has in hand of a request that was refused. */
export interface Refusal {
  readonly text: string;
  readonly requestId?: string | undefined;
}

export class Refusals {
  /** Distinct words, so that one caller who tries again and again does not push the others out. */
  private readonly byMessage = new Map<string, Decision>();
  /** A request may need more than one permission. */
  private readonly byRequest = new Map<string, readonly [Decision, ...Decision[]]>();

  /** `authorize`, whose refusals are remembered. */
  public watch(authorize: Authorize): Authorize {
    return (request) => {
      const decision = authorize(request);
      if (decision.message !== undefined) {
        keep(this.byMessage, decision.message, decision);
        const { requestId } = request;
        if (requestId !== undefined) {
          const [first = decision, ...others] = [...(this.byRequest.get(requestId) ?? []), decision];
          keep(this.byRequest, requestId, [first, ...others]);
        }
      }
      return decision;
    };
  }

  /** Why the request was refused; undefined when IAM refused no such request lately. */
  public explain({ text, requestId }: Refusal): Explanation | undefined {
    const ofRequest = this.byRequest.get(requestId ?? '');
    if (ofRequest !== undefined) return explain(...ofRequest);
    const said = [...this.byMessage].flatMap(([message, decision]) => (text.includes(message) ? [decision] : []));
    const newest = said.at(-1);
    return newest && explain(newest);
  }
}

function keep<V>(kept: Map<string, V>, key: string, value: V): void {
  kept.delete(key); // the newest of equal refusals is the last
  kept.set(key, value);
  const [oldest] = kept.keys();
  if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest);
}

/** Headers of front ends that hold their request id. */
const REQUEST_ID_HEADERS = ['x-amzn-requestid', 'apigw-requestid'];

/** Reads an error of the AWS SDK, the invoker or the fetcher, a response of `fetch`, or a text. */
export function refusalIn(received: unknown): Refusal {
  if (typeof received === 'string') return { text: received, requestId: received };
  if (typeof received !== 'object' || received === null) return { text: String(received) };
  if (isResponse(received)) {
    const { headers, status } = received;
    const text = headers.get('x-local-refusal') ?? headers.get('x-local-failure') ?? `HTTP ${status}`;
    const [requestId] = REQUEST_ID_HEADERS.flatMap((name) => headers.get(name) ?? []);
    return { text, requestId };
  }
  const { message, requestId, $metadata } = received as Partial<
    Record<'message' | 'requestId', unknown> & { readonly $metadata: { readonly requestId?: unknown } }
  >;
  const id = requestId ?? $metadata?.requestId;
  return { text: String(message ?? received), requestId: typeof id === 'string' ? id : undefined };
}

function isResponse(value: object): value is Pick<Response, 'headers' | 'status'> {
  return typeof (value as { readonly headers?: Partial<Headers> }).headers?.get === 'function';
}

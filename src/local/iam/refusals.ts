/**
 * Remembers what was refused, by IAM or for its signature, so that what a caller got of it can be explained: by the request id, which every answer has,
 * or by AWS's words, which the error carries.
 */

import { isString, show } from '../../base/option-problem';
import type { Authorize } from './authorize';
import type { Decision } from './decision';
import { type Explanation, explain, withText } from './explain';

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
  /** Of signatures: their reasons by themselves, and by request id. */
  private readonly bySignature = new Map<string, SignatureRefusal>();
  private readonly unsigned = new Map<string, SignatureRefusal>();

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

  /** Remembers a request that was refused for its signature. */
  public addSignature(refused: SignatureRefusal, requestId: string | undefined): void {
    keep(this.bySignature, refused.reason, refused);
    if (requestId !== undefined) keep(this.unsigned, requestId, refused);
  }

  /** Why the request was refused; undefined when no such request was refused lately. */
  public explain({ text, requestId }: Refusal): Explanation | undefined {
    const ofRequest = this.byRequest.get(requestId ?? '');
    if (ofRequest !== undefined) return explain(...ofRequest);
    const said = [...this.byMessage].flatMap(([message, decision]) => (text.includes(message) ? [decision] : []));
    const newest = said.at(-1);
    return newest === undefined ? this.explainSignature({ text, requestId }) : explain(newest);
  }

  private explainSignature({ text, requestId }: Refusal): Explanation | undefined {
    const newestFirst = [...this.bySignature.values()].reverse();
    const found =
      this.unsigned.get(requestId ?? '') ??
      // AWS's words are the same for many reasons.
      newestFirst.find(({ reason }) => text.includes(reason)) ??
      newestFirst.find(({ message }) => text.includes(message));
    if (found === undefined) return undefined;
    const summary = `the request was not let in before any policy was asked: ${found.reason}`;
    return withText({ allowed: false, summary, policies: [], missing: [], details: '' });
  }
}

/** Before IAM was asked. */
interface SignatureRefusal {
  /** AWS's words. */
  readonly message: string;
  readonly reason: string;
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
  return { text: isString(message) ? message : show(received), requestId: typeof id === 'string' ? id : undefined };
}

function isResponse(value: object): value is Pick<Response, 'headers' | 'status'> {
  return typeof (value as { readonly headers?: Partial<Headers> }).headers?.get === 'function';
}

/** The part of the fetch standard that is used here, structurally: any implementation will do, and none's types are needed. */
import type { WebBodyStream } from '../stream/body/web-body';

export interface FetchRequest {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
  readonly signal: AbortSignal;
  /** Never followed: a signature is for one host, and most redirects turn a POST into a GET without its body. */
  readonly redirect: 'manual';
}

export interface FetchHeaders {
  get(name: string): string | null;
  forEach(visit: (value: string, name: string) => void): void;
  getSetCookie?(): string[];
}

export interface FetchResponse {
  readonly status: number;
  /** `opaqueredirect` where a browser hides a redirect that was not followed. */
  readonly type?: string;
  readonly headers: FetchHeaders;
  readonly body: WebBodyStream | null;
}

/** What `globalThis.fetch` is. */
export type FetchFunction = (url: string, request: FetchRequest) => Promise<FetchResponse>;

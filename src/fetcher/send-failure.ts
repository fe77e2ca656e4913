/** Tells from what fetch raised whether the function can have run, and what to look at. */
import { StreamError } from '../invoker/stream-error';
import { describe, systemCodeOf } from '../invoker/system-error';

/** No bytes of the request can have left: name resolution failed or nobody listens. */
const NOT_CONNECTED =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|UND_ERR_CONNECT_TIMEOUT|CERT_.*|ERR_TLS_.*)$/;

/** @param headers of the request, which a page of another origin must be allowed to send */
export function sendFailure(
  cause: unknown,
  url: URL,
  method: string,
  headers: Readonly<Record<string, string>>,
): StreamError {
  const systemCode = systemCodeOf(cause);
  const invoked = systemCode !== undefined && NOT_CONNECTED.test(systemCode) ? 'no' : 'maybe';
  const message = `the request to ${url.origin} failed before the response headers: ${innermost(cause)}${corsHint(url, method, headers)}`;
  return StreamError.of('TRANSPORT', message, { systemCode }, { phase: 'request', invoked, retryable: true, cause });
}

/** fetch says "fetch failed"; what failed is in its cause. */
function innermost(error: unknown): string {
  const { cause } = (error ?? {}) as { cause?: unknown };
  return cause === undefined || cause === null ? describe(error) : innermost(cause);
}

/** Browsers hide from a page why a request to another origin failed, also where the answer was a plain 403. */
function corsHint(url: URL, method: string, headers: Readonly<Record<string, string>>): string {
  const { location } = globalThis as { location?: { readonly origin?: string } };
  const origin = location?.origin;
  if (origin === undefined || origin === url.origin) return '';
  const names = Object.keys(headers).filter((name) => name !== 'accept');
  const allow = `origin ${origin}, method ${method} and headers ${names.join(', ')}`;
  return `; to a page of another origin a missing CORS permission and a refusal look the same: check that the CORS configuration allows ${allow}, and that the caller has access`;
}

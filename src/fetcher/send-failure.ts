/** Tells from what fetch raised whether the function can have run, and what to look at. */

import { connectionFailure, innermost } from '../stream/errors/connection-failure';
import { StreamError } from '../stream/errors/stream-error';
import { describe } from '../stream/errors/system-error';

/** @param headers of the request, which a page of another origin must be allowed to send */
export function sendFailure(
  cause: unknown,
  url: URL,
  method: string,
  headers: Readonly<Record<string, string>>,
): StreamError {
  const { systemCode, isUnwritable, facts } = connectionFailure(cause);
  const words = describe(innermost(cause));
  if (isUnwritable) return StreamError.of('INPUT_INVALID', `the request cannot be made: ${words}`, {}, { cause });
  const message = `the request to ${url.origin} failed before the response headers: ${words}${corsHint(url, method, headers)}`;
  return StreamError.of('TRANSPORT', message, { systemCode }, { phase: 'request', ...facts, cause });
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

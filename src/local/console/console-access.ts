/** Who may use the console: whoever knows its token, from its own page or from a program, under its own name. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Why a request is refused; undefined where it is not. */
export interface Refused {
  readonly status: 401 | 403;
  readonly message: string;
}

export interface ConsoleDoor {
  /** `127.0.0.1:<port>`. */
  readonly host: string;
  readonly token: string;
}

/**
 * @param isPage whether the page itself is asked for, whose address a person opens; everything else is for the page alone
 */
export function refusal(
  { headers, url = '/' }: IncomingMessage,
  door: ConsoleDoor,
  isPage: boolean,
): Refused | undefined {
  // One name, so that a page of another one is another origin, whatever that resolves to.
  if (headers.host !== door.host) {
    return { status: 403, message: `the console answers at http://${door.host} only, got the host '${headers.host}'` };
  }
  const { origin, 'sec-fetch-site': site } = headers;
  if (origin !== undefined && origin !== `http://${door.host}`) {
    return { status: 403, message: `the console answers its own page only, got the origin '${origin}'` };
  }
  if (!isPage && site !== undefined && site !== 'same-origin') {
    return { status: 403, message: `the console answers its own page only, got a request that is ${String(site)}` };
  }
  const given = isPage
    ? new URL(url, `http://${door.host}`).searchParams.get('token')
    : /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1];
  if (given !== undefined && given !== null && isSame(given, door.token)) return undefined;
  return { status: 401, message: 'the token of the console is missing or wrong; open the address that was printed' };
}

/** In the same time, wherever the first difference is. */
function isSame(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

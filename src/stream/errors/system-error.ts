/**
 * Reads errors of the platform's network layer by their shape (under jest, Node's own errors belong to another realm), and
 * tells of a connection that failed before the response headers whether the request can have left.
 */
import type { StreamErrorFacts } from './stream-error';

/** The operating system's code, for example `ECONNRESET`; also of an error that was wrapped. */
export function systemCodeOf(error: unknown): string | undefined {
  const { code, cause } = (error ?? {}) as { code?: unknown; cause?: unknown };
  if (typeof code === 'string') return code;
  return cause === undefined ? undefined : systemCodeOf(cause);
}

/** What `error` says, whatever it is: `ECONNREFUSED connect ECONNREFUSED …` of one error, or of the first of several addresses that all failed. */
export function describe(error: unknown): string {
  try {
    const { message, errors, name } = (error ?? {}) as {
      message?: unknown;
      name?: string;
      errors?: readonly unknown[];
    };
    if (message) return String(message);
    const first = Array.isArray(errors) ? errors[0] : undefined;
    return first === undefined ? (systemCodeOf(error) ?? name ?? String(error)) : describe(first);
  } catch {
    return 'an error that cannot be read'; // anything can be thrown, also what has no text
  }
}

/** No bytes of the request can have left: name resolution failed, nobody listens or nobody answers. */
const NOT_CONNECTED =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|UND_ERR_CONNECT_TIMEOUT|ERR_TLS_HANDSHAKE_TIMEOUT)$/;

/** The request follows only once the certificate is accepted. https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const CERTIFICATE =
  /^(CERT_.*|ERR_TLS_CERT_.*|UNABLE_TO_.*|(DEPTH_ZERO_)?SELF_SIGNED_CERT.*|INVALID_(CA|PURPOSE)|PATH_LENGTH_EXCEEDED|HOSTNAME_MISMATCH|ERROR_IN_.*|CRL_.*)$/;

/** Of OpenSSL's errors those of a handshake; others may come in the middle of a connection. */
const HANDSHAKE = /wrong version number|unsupported protocol|protocol version|handshake failure|no shared cipher/;

/** The request itself cannot be written. */
const UNWRITABLE = /^(ERR_INVALID_|ERR_HTTP_INVALID_|ERR_UNESCAPED_)/;

export interface ConnectionFailure {
  readonly systemCode: string | undefined;
  /** The request is to blame, not the connection. */
  readonly isUnwritable: boolean;
  readonly facts: Pick<StreamErrorFacts, 'invoked' | 'retryable'>;
}

export function connectionFailure(cause: unknown): ConnectionFailure {
  const systemCode = systemCodeOf(cause);
  const code = systemCode ?? '';
  if (UNWRITABLE.test(code)) return { systemCode, isUnwritable: true, facts: { invoked: 'no', retryable: false } };
  const isTls = /^(EPROTO$|ERR_SSL_)/.test(code) && HANDSHAKE.test(describe(innermost(cause)));
  // No certificate and no protocol changes by being asked for again.
  if (isTls || CERTIFICATE.test(code)) {
    return { systemCode, isUnwritable: false, facts: { invoked: 'no', retryable: false } };
  }
  const invoked = NOT_CONNECTED.test(code) ? 'no' : 'maybe';
  return { systemCode, isUnwritable: false, facts: { invoked, retryable: true } };
}

/** fetch says "fetch failed"; what failed is in its cause. */
export function innermost(error: unknown): unknown {
  const { cause } = (error ?? {}) as { cause?: unknown };
  return cause === undefined || cause === null ? error : innermost(cause);
}

/**
 * The limits that the fetch of Node.js sets by itself, as the codes of its errors say.
 * https://github.com/nodejs/undici/blob/v6.x/docs/docs/api/Errors.md
 */
export const FETCH_HEADERS_TIMEOUT = 'UND_ERR_HEADERS_TIMEOUT';
export const FETCH_BODY_TIMEOUT = 'UND_ERR_BODY_TIMEOUT';
/** Its default for both. */
export const FETCH_SILENCE_MS = 300_000;
export const FETCH_TIMEOUT_REMEDY =
  'give its dispatcher no limits, new Agent({ headersTimeout: 0, bodyTimeout: 0 }) of undici, or leave out the option fetch';

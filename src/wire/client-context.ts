/**
 * The client context that travels with an invoke: JSON as base64 in `X-Amz-Client-Context`.
 * Functions read `custom`, and so does the handler helper for the W3C trace context.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_InvokeWithResponseStream.html
 */
import { base64ToBytes, bytesToBase64 } from '../base/bytes';
import { isObject } from '../base/is-object';
import { CLIENT_CONTEXT_MAX_BASE64_BYTES } from './limits';
import { WireError } from './wire-error';

/** The shape the AWS mobile SDKs gave it; only `custom` has a meaning here. */
export interface ClientContext {
  readonly client?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, unknown>>;
  readonly custom?: Readonly<Record<string, unknown>>;
}

/**
 * Base64 of `context`.
 * @throws WireError `client-context-too-long` or `client-context-invalid`
 */
export function encodeClientContext(context: ClientContext): string {
  if (!isObject(context)) {
    const got = JSON.stringify(context) ?? typeof context;
    throw new WireError('client-context-invalid', `the client context must be an object, got ${got.slice(0, 80)}`);
  }
  const json = new TextEncoder().encode(JSON.stringify(context));
  const length = base64Length(json.length);
  if (length > CLIENT_CONTEXT_MAX_BASE64_BYTES) {
    throw new WireError(
      'client-context-too-long',
      `the client context must be at most ${CLIENT_CONTEXT_MAX_BASE64_BYTES} bytes as base64, got ${length}; put large values into the payload`,
    );
  }
  return bytesToBase64(json);
}

/** Whether {@link encodeClientContext} would accept the size of `context`. */
export function clientContextFits(context: ClientContext): boolean {
  return base64Length(new TextEncoder().encode(JSON.stringify(context)).length) <= CLIENT_CONTEXT_MAX_BASE64_BYTES;
}

/**
 * The context that `base64` holds.
 * @throws WireError `client-context-invalid`
 */
export function decodeClientContext(base64: string): ClientContext {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(base64ToBytes(base64)));
  } catch (cause) {
    const message = 'the client context is not base64 of JSON';
    throw new WireError('client-context-invalid', message, { excerpt: base64, cause });
  }
  if (!isObject(value)) {
    throw new WireError('client-context-invalid', 'the client context is not a JSON object', { excerpt: base64 });
  }
  return value;
}

function base64Length(bytes: number): number {
  return Math.ceil(bytes / 3) * 4;
}

/**
 * Lets a function reach the `ResponseURL` of a custom resource. Providers send their answer over TLS to port 443 of the
 * host in it, whatever the address says (cfn-response and the CDK's own handlers do); here the host names a port of
 * loopback, and requests to it go there instead.
 * Runs inside the child process of an execution environment and imports Node.js built-ins only.
 */

import { syncBuiltinESMExports } from 'node:module';

/** What such an address begins with. */
export const RESPONSE_URL_START = 'https://cloudformation-response-';
const RESPONSE_HOST = /^cloudformation-response-(\d+)\.localhost$/;

let opened = false;

/** From now on, such requests go to loopback. Nothing is loaded and nothing changes until an event needs it. */
export async function openResponseUrls(event: string): Promise<void> {
  if (opened || !event.includes(RESPONSE_URL_START)) return;
  opened = true;
  const { default: http } = await import('node:http');
  const { default: https } = await import('node:https');
  for (const name of ['request', 'get'] as const) {
    const original = https[name] as (...args: unknown[]) => unknown;
    const redirect = (...args: unknown[]) => {
      const options = redirected(args);
      if (options === undefined) return original.apply(https, args);
      return http[name](options, callbackOf(args));
    };
    Object.assign(https, { [name]: redirect });
  }
  // For those who imported them by name.
  syncBuiltinESMExports();
  redirectFetch();
}

type Options = Readonly<Record<string, unknown>>;

/** The options of a request to loopback; undefined for any other request. */
function redirected(args: readonly unknown[]): Options | undefined {
  const [first, second] = args;
  const isAddress = typeof first === 'string' || first instanceof URL;
  const address = isAddress ? new URL(first) : undefined;
  const given = (isAddress ? (typeof second === 'object' ? second : {}) : first) as Options | undefined;
  const host = String(address?.hostname ?? given?.['hostname'] ?? given?.['host'] ?? '').replace(/:\d+$/, '');
  const [, port] = RESPONSE_HOST.exec(host) ?? [];
  if (port === undefined) return undefined;
  const path = given?.['path'] ?? (address && `${address.pathname}${address.search}`);
  // The agent of the caller speaks TLS.
  return { ...given, path, protocol: 'http:', hostname: '127.0.0.1', host: '127.0.0.1', port, agent: undefined };
}

function callbackOf(args: readonly unknown[]): (() => void) | undefined {
  const last = args.at(-1);
  return typeof last === 'function' ? (last as () => void) : undefined;
}

function redirectFetch(): void {
  const original = globalThis.fetch;
  globalThis.fetch = (input, init) => {
    const text = input instanceof Request ? input.url : String(input);
    const address = URL.canParse(text) ? new URL(text) : undefined;
    const [, port] = RESPONSE_HOST.exec(address?.hostname ?? '') ?? [];
    if (address === undefined || port === undefined) return original(input, init);
    const url = `http://127.0.0.1:${port}${address.pathname}${address.search}`;
    return original(input instanceof Request ? new Request(url, input) : url, init);
  };
}

/** From an HTTP event to the request that the client sent, as far as the event still knows it. */
import type { HttpEvent } from '../wire/http-event';

/** A request, ready for a `Request` of the web or an `IncomingMessage` of Node.js. */
export interface HttpRequest {
  readonly method: string;
  /** Scheme and host. */
  readonly origin: string;
  /** Path and query, encoded. Not to be resolved against the origin: `//host/path` is a path here. */
  readonly target: string;
  /** Names in lower case, repeated ones once for each value. */
  readonly headers: [name: string, value: string][];
  /** Undefined where there is none, and for GET and HEAD, which must not have one. */
  readonly body: Buffer<ArrayBuffer> | undefined;
  /** The client's address; with `trustProxy` the one that a proxy forwarded. */
  readonly remoteAddress: string | undefined;
}

export interface HttpRequestOptions {
  readonly basePath?: string | ((event: unknown) => string | undefined);
  readonly trustProxy?: boolean;
}

/** What a path holds only where a front end decoded it: it would end the path, or is not a part of a URL at all. */
const NOT_IN_A_PATH = /[^!-~\ud800-\udfff]|[?#\\]|%(?![\da-f]{2})/giu;
/** What `Headers` refuse. */
const NOT_IN_A_HEADER = /[^\t -~\x80-\xff\ud800-\udfff]/gu;

export function httpRequestOf(event: HttpEvent, { basePath, trustProxy }: HttpRequestOptions): HttpRequest {
  const { requestContext, body, cookies } = event;
  const { http, identity, elb } = requestContext;
  const method = http?.method ?? event.httpMethod ?? 'GET';
  const headers: HttpRequest['headers'] = [];
  const firstOf = new Map<string, string>();
  for (const [name, value] of entriesOf(event.headers, event.multiValueHeaders)) {
    const lower = name.toLowerCase();
    const sent = value.replace(NOT_IN_A_HEADER, encodeURIComponent);
    headers.push([lower, sent]);
    if (!firstOf.has(lower)) firstOf.set(lower, sent);
  }
  if (cookies?.length) headers.push(['cookie', cookies.join('; ')]);

  const forwarded = (name: string): string[] => (firstOf.get(`x-forwarded-${name}`) ?? '').split(/ *, */);
  const host = (trustProxy && forwarded('host')[0]) || firstOf.get('host') || requestContext.domainName;
  return {
    method,
    // A name or address with or without port; what else a client may send as host would become a path.
    origin: `http${forwarded('proto')[0] === 'http' ? '' : 's'}://${/^[\w.:[\]-]+$/.test(host ?? '') ? host : 'localhost'}`,
    target: pathOf(event, basePath) + queryOf(event, elb ? String : encodeURIComponent),
    headers,
    body:
      body && !/^(GET|HEAD)$/.test(method) ? Buffer.from(body, event.isBase64Encoded ? 'base64' : 'utf8') : undefined,
    // A client can send the header itself, and a load balancer appends: only the last address is sure.
    remoteAddress:
      (trustProxy && forwarded('for')[0]) || (http ?? identity)?.sourceIp || forwarded('for').at(-1) || undefined,
  };
}

/** Every value with its name, from the multi-value map where a name is in both. */
function entriesOf(single: HttpEvent['headers'], multi: HttpEvent['multiValueHeaders']): [string, string][] {
  const entries: [string, string][] = [];
  for (const [name, values = []] of Object.entries(multi ? { ...single, ...multi } : (single ?? {}))) {
    for (const value of typeof values === 'string' ? [values] : values) entries.push([name, value]);
  }
  return entries;
}

function pathOf(event: HttpEvent, basePath: HttpRequestOptions['basePath']): string {
  const given = (event.rawPath ?? event.path ?? '').replace(NOT_IN_A_PATH, encodeURIComponent);
  // What does not begin with a slash would become part of the host.
  const path = given.startsWith('/') ? given : `/${given}`;
  const base = typeof basePath === 'function' ? basePath(event) : basePath;
  const rest = base && path.startsWith(base) ? path.slice(base.length) || '/' : path;
  // `/api` is not a base of `/apiary`.
  return rest.startsWith('/') ? rest : path;
}

/** As the client sent it where the event has that; a REST API decoded it, a load balancer did not. */
function queryOf(event: HttpEvent, encode: (text: string) => string): string {
  const query =
    event.rawQueryString ??
    entriesOf(event.queryStringParameters, event.multiValueQueryStringParameters)
      .map(([name, value]) => encode(name) + (value && `=${encode(value)}`))
      .join('&');
  return query && `?${query}`;
}

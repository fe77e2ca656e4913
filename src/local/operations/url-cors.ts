/** Cross-origin answers of a function URL (https://docs.aws.amazon.com/lambda/latest/api/API_Cors.html). */
import type { IncomingMessage } from 'node:http';

/** `Cors` of the template: `AllowOrigins`, `AllowMethods`, `AllowHeaders`, `ExposeHeaders`, `AllowCredentials`, `MaxAge`. */
export type CorsConfiguration = Readonly<Record<string, unknown>>;

/** Whether the service itself answers, without the function. */
export function isPreflight(request: IncomingMessage, cors: CorsConfiguration | undefined): boolean {
  return (
    cors !== undefined &&
    request.method === 'OPTIONS' &&
    request.headers.origin !== undefined &&
    request.headers['access-control-request-method'] !== undefined
  );
}

/** Headers for the response to `request`; none when its origin is not allowed. They win over those of the function. */
export function corsHeaders(request: IncomingMessage, cors: CorsConfiguration | undefined): Record<string, string> {
  const { origin } = request.headers;
  if (cors === undefined || origin === undefined || !allows(list(cors['AllowOrigins']), origin)) return {};
  const headers: Record<string, string> = { 'access-control-allow-origin': origin, vary: 'Origin' };
  const expose = list(cors['ExposeHeaders']);
  if (expose.length > 0) headers['access-control-expose-headers'] = expose.join(',');
  if (cors['AllowCredentials'] === true) headers['access-control-allow-credentials'] = 'true';
  return headers;
}

/** What a preflight learns in addition. */
export function preflightHeaders(request: IncomingMessage, cors: CorsConfiguration): Record<string, string> {
  const common = corsHeaders(request, cors);
  if (Object.keys(common).length === 0) return {};
  const maxAge = cors['MaxAge'];
  return {
    ...common,
    'access-control-allow-methods': allowed(list(cors['AllowMethods']), 'GET,HEAD,POST,PUT,PATCH,DELETE'),
    'access-control-allow-headers': allowed(
      list(cors['AllowHeaders']),
      String(request.headers['access-control-request-headers'] ?? ''),
    ),
    ...(maxAge === undefined ? {} : { 'access-control-max-age': String(maxAge) }),
  };
}

/** URLs whose function was warned of its own headers; a changed URL is another object. */
const warned = new WeakSet<CorsConfiguration>();

/** What to say, once for each configuration, of headers that the function sends although its URL does. */
export function ownCorsProblem(cors: CorsConfiguration, names: readonly string[]): string | undefined {
  const own = names.filter((name) => name.startsWith('access-control-'));
  if (own.length === 0 || warned.has(cors)) return undefined;
  warned.add(cors);
  return (
    `WARN the function sends ${own.join(', ')}, and its URL has a CORS configuration: AWS may send both values, which ` +
    'browsers refuse. Here the configuration wins; let only one of the two answer. This is said once for each URL.'
  );
}

function allowed(values: readonly string[], everything: string): string {
  return values.includes('*') ? everything : values.join(',');
}

/** `*` stands for everything, also inside: `https://*.example.com`. */
function allows(patterns: readonly string[], origin: string): boolean {
  return patterns.some((pattern) => {
    const [start = '', ...rest] = pattern.split('*');
    const end = rest.join('*');
    return rest.length === 0 ? pattern === origin : origin.startsWith(start) && origin.endsWith(end);
  });
}

function list(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

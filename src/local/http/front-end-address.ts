/**
 * Where function URLs, APIs and distributions answer here. AWS gives each a host of its own; names under `localhost` do
 * not resolve everywhere, so the id leads the path, and the host is understood too where a client can resolve it.
 */
import type { IncomingMessage } from 'node:http';

/** The services that give each of their resources an address. */
export type FrontEnd = 'cloudfront' | 'lambda-url' | 'execute-api';

interface AddressForm {
  readonly frontEnd: FrontEnd;
  /** Host on AWS; the first group is the id, the second what follows it. */
  readonly aws: RegExp;
}

const FORMS: readonly AddressForm[] = [
  { frontEnd: 'lambda-url', aws: /(https:\/\/)?\b([a-z0-9]+)(\.lambda-url\.[a-z0-9-]+)\.on\.aws(?![\w.-])/g },
  { frontEnd: 'cloudfront', aws: /(https:\/\/)?\b(d[a-z0-9]{13})(\.cloudfront)\.net(?![\w.-])/g },
  {
    frontEnd: 'execute-api',
    aws: /(https:\/\/)?\b([a-z0-9]+)(\.execute-api\.[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?(?![\w.-])/g,
  },
];

const BY_PATH = /^\/(cloudfront|lambda-url|execute-api)\/([a-z0-9]+)(?=[/?]|$)/;
const BY_HOST = /^([a-z0-9]+)\.(cloudfront|(?:lambda-url|execute-api)(?=\.))(?:\.[a-z0-9-]+)?\.localhost(?::\d+)?$/i;

/** The front end a request is for. */
export interface FrontEndAddress {
  readonly frontEnd: FrontEnd;
  readonly id: string;
  /** Path and query without what stands for the host here. */
  readonly target: string;
}

/** The front end that `request` names by its host or by its path; undefined for any other request. */
export function frontEndOf(request: IncomingMessage): FrontEndAddress | undefined {
  const url = request.url ?? '/';
  const [, hostId, hostFrontEnd] =
    BY_HOST.exec(request.headers.host ?? request.headers[':authority']?.toString() ?? '') ?? [];
  if (hostId !== undefined) return { frontEnd: hostFrontEnd?.toLowerCase() as FrontEnd, id: hostId, target: url };
  const [prefix = '', pathFrontEnd, id] = BY_PATH.exec(url) ?? [];
  if (id === undefined) return undefined;
  const target = url.slice(prefix.length);
  return { frontEnd: pathFrontEnd as FrontEnd, id, target: target.startsWith('/') ? target : `/${target}` };
}

/**
 * `text` with the addresses of AWS in it replaced by those that answer here: `https://<id>.execute-api.…` becomes
 * `<endpoint>/execute-api/<id>`, and a host alone one under `localhost`.
 * @param endpoint `http://127.0.0.1:<port>`
 * @param isKnown whether something of that id was deployed here; addresses of others stay
 */
export function localAddress(
  text: string,
  endpoint: string,
  isKnown: (frontEnd: FrontEnd, id: string) => boolean,
): string {
  const [, port = ''] = /(:\d+)$/.exec(endpoint) ?? [];
  return FORMS.reduce(
    (result, { frontEnd, aws }) =>
      result.replace(aws, (address, scheme: string | undefined, id: string, middle: string) => {
        if (!isKnown(frontEnd, id)) return address;
        return scheme === undefined ? `${id}${middle}.localhost${port}` : `${endpoint}/${frontEnd}/${id}`;
      }),
    text,
  );
}

/** Serves the keys of the local issuer, for whoever checks tokens himself. */
import type { HttpRoute } from '../http/server';
import type { TokenIssuer } from './token-issuer';

const PATH = '/.well-known/jwks.json';

export function createJwksRoute(tokens: TokenIssuer): HttpRoute {
  return {
    matches: ({ method, url }) => method === 'GET' && url === PATH,
    handle: (request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(tokens.keys));
    },
  };
}

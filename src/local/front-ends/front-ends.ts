/** The front ends beside function URLs, as a part of the local HTTP server. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { serviceErrorOf, serviceFault } from '../errors';
import { writeErrorResponse } from '../http/error-response';
import { frontEndOf } from '../http/front-end-address';
import type { HttpRoute } from '../http/server';
import type { LambdaApi } from '../operations/lambda-call';
import { RestApis } from './rest-api/serve-rest-api';

export function createFrontEnds(lambda: LambdaApi): HttpRoute {
  const restApis = new RestApis(lambda);
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const address = frontEndOf(request);
    const api = lambda.state.restApis.get(address?.id ?? '');
    if (address === undefined || api === undefined) {
      request.resume();
      // On AWS the name of an API that is gone does not resolve.
      response.writeHead(403, { 'content-type': 'application/json', 'x-local-refusal': 'no stack here has this API' });
      response.end(JSON.stringify({ message: 'Forbidden' }));
      return;
    }
    await restApis.serve(api, address, request, response);
  };
  return {
    matches: (request) => frontEndOf(request)?.frontEnd === 'execute-api',
    handle: (request, response) => {
      // Reported to the caller; a response that has begun can only be cut.
      serve(request, response).catch((error: unknown) => {
        if (response.headersSent) response.destroy();
        else writeErrorResponse(response, serviceErrorOf(error) ?? serviceFault(String(error)), randomUUID());
      });
    },
  };
}

/** The front ends beside function URLs, as a part of the local HTTP server. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { serviceErrorOf, serviceFault } from '../errors';
import { writeErrorResponse } from '../http/error-response';
import { frontEndOf } from '../http/front-end-address';
import type { HttpRoute } from '../http/server';
import type { LambdaApi } from '../operations/lambda-call';
import type { DistributionsProps } from './cloudfront/reach-origin';
import { serveDistribution } from './cloudfront/serve-distribution';
import { HttpApis } from './http-api/serve-http-api';
import { RestApis } from './rest-api/serve-rest-api';

export function createFrontEnds(
  lambda: LambdaApi,
  cloudFront: Omit<DistributionsProps, 'state' | 'journal'>,
): HttpRoute {
  const restApis = new RestApis(lambda);
  const httpApis = new HttpApis(lambda);
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const address = frontEndOf(request);
    const distribution = lambda.state.distributions.get(address?.id ?? '');
    if (address?.frontEnd === 'cloudfront' && distribution !== undefined) {
      await serveDistribution(
        { ...cloudFront, state: lambda.state, clock: lambda.options.clock, journal: lambda.journal },
        distribution,
        address.target,
        request,
        response,
      );
      return;
    }
    const httpApi = lambda.state.httpApis.get(address?.id ?? '');
    if (address?.frontEnd === 'execute-api' && httpApi !== undefined) {
      await httpApis.serve(httpApi, address.target, request, response);
      return;
    }
    const api = lambda.state.restApis.get(address?.id ?? '');
    if (address?.frontEnd !== 'execute-api' || api === undefined) {
      request.resume();
      // On AWS the name of what is gone does not resolve.
      response.writeHead(403, {
        'content-type': 'application/json',
        'x-local-refusal': 'no stack here has this address',
      });
      response.end(JSON.stringify({ message: 'Forbidden' }));
      return;
    }
    await restApis.serve(api, address, request, response);
  };
  return {
    matches: (request) => ['cloudfront', 'execute-api'].includes(frontEndOf(request)?.frontEnd ?? ''),
    handle: (request, response) => {
      // Reported to the caller; a response that has begun can only be cut.
      serve(request, response).catch((error: unknown) => {
        if (response.headersSent) response.destroy();
        else writeErrorResponse(response, serviceErrorOf(error) ?? serviceFault(String(error)), randomUUID());
      });
    },
  };
}

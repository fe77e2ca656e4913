/** The Lambda API: reads a request, asks who it is, and hands it to its operation. */

import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { decodeEscapes } from '../../base/decode-escapes';
import { REQUEST_PAYLOAD_MAX_BYTES } from '../../wire/limits';
import {
  requestTooLarge,
  ServiceException,
  serviceErrorOf,
  serviceFault,
  UNKNOWN_OPERATION,
  unknownOperation,
} from '../errors';
import { writeErrorResponse } from '../http/error-response';
import { frontEndOf } from '../http/front-end-address';
import { readRequestBody } from '../http/request-body';
import { namedAccessKey } from '../http/request-signature';
import type { HttpRoute } from '../http/server';
import { serveFunctionUrl } from './function-url';
import { getFunction, getFunctionConfiguration } from './get-function';
import { invoke } from './invoke';
import { invokeWithResponseStream } from './invoke-with-response-stream';
import type { LambdaApi, LambdaCall } from './lambda-call';
import {
  getAlias,
  getPolicy,
  listAliases,
  listFunctions,
  listVersions,
  publishFunctionVersion,
} from './manage-functions';
import { updateAlias, updateFunctionCode, updateFunctionConfiguration } from './update-function';

type Operation = (call: LambdaCall) => Promise<void>;

const OPERATIONS: readonly { method: string; path: RegExp; run: Operation }[] = [
  {
    method: 'POST',
    path: /^\/2021-11-15\/functions\/([^/]+)\/response-streaming-invocations\/?$/,
    run: invokeWithResponseStream,
  },
  { method: 'POST', path: /^\/2015-03-31\/functions\/([^/]+)\/invocations\/?$/, run: invoke },
  { method: 'GET', path: /^\/2015-03-31\/functions\/([^/]+)\/configuration\/?$/, run: getFunctionConfiguration },
  { method: 'GET', path: /^\/2015-03-31\/functions\/([^/]+)\/?$/, run: getFunction },
  { method: 'GET', path: /^\/2015-03-31\/functions()\/?$/, run: listFunctions },
  { method: 'GET', path: /^\/2015-03-31\/functions\/([^/]+)\/versions\/?$/, run: listVersions },
  { method: 'POST', path: /^\/2015-03-31\/functions\/([^/]+)\/versions\/?$/, run: publishFunctionVersion },
  { method: 'GET', path: /^\/2015-03-31\/functions\/([^/]+)\/aliases\/?$/, run: listAliases },
  { method: 'GET', path: /^\/2015-03-31\/functions\/([^/]+)\/aliases\/([^/]+)\/?$/, run: getAlias },
  { method: 'PUT', path: /^\/2015-03-31\/functions\/([^/]+)\/aliases\/([^/]+)\/?$/, run: updateAlias },
  { method: 'GET', path: /^\/2015-03-31\/functions\/([^/]+)\/policy\/?$/, run: getPolicy },
  { method: 'PUT', path: /^\/2015-03-31\/functions\/([^/]+)\/code\/?$/, run: updateFunctionCode },
  { method: 'PUT', path: /^\/2015-03-31\/functions\/([^/]+)\/configuration\/?$/, run: updateFunctionConfiguration },
];
/** An archive of 50 MB in base64. */
const CODE_REQUEST_MAX_BYTES = 70_000_000;
const INVOCATIONS = new Map<Operation, 'Invoke' | 'InvokeWithResponseStream'>([
  [invokeWithResponseStream, 'InvokeWithResponseStream'],
  [invoke, 'Invoke'],
]);
const LAMBDA_PATH = /^\/20\d\d-\d\d-\d\d\/functions(\/|$)/;

/** The Lambda API and the function URLs, as a part of the local HTTP server. */
export function createLambdaApi(api: LambdaApi): HttpRoute {
  return {
    matches: (request) => LAMBDA_PATH.test(pathOf(request)) || frontEndOf(request)?.frontEnd === 'lambda-url',
    handle: (request, response) => {
      const requestId = randomUUID();
      const address = frontEndOf(request);
      const answered =
        address?.frontEnd === 'lambda-url'
          ? serveFunctionUrl(api, address, request, response)
          : answer(api, request, response, requestId);
      // Reported to the caller; a response that has begun can only be cut.
      answered.catch((error: unknown) => {
        const said = serviceErrorOf(error) ?? serviceFault(describe(error));
        api.journal?.refused(requestId, `${said.type}: ${said.message}`);
        if (said.type === UNKNOWN_OPERATION) {
          const asked = `lambda ${request.method ?? ''} ${pathOf(request)}`;
          api.onRefusal?.(namedAccessKey(request.headers), asked, said.message);
        }
        if (response.headersSent) response.destroy();
        else writeErrorResponse(response, said, requestId);
      });
    },
  };
}

async function answer(
  api: LambdaApi,
  request: IncomingMessage,
  response: ServerResponse,
  requestId: string,
): Promise<void> {
  const url = request.url ?? '/';
  const { run, functionName, member } = findOperation(request);
  const operation = INVOCATIONS.get(run);
  if (operation !== undefined) {
    api.journal?.accepted(requestId, { operation, request, response });
    api.journal?.reached(requestId, functionName);
  }
  const maxBytes = run === updateFunctionCode ? CODE_REQUEST_MAX_BYTES : REQUEST_PAYLOAD_MAX_BYTES;
  const body = await readRequestBody(request, maxBytes);
  if (body === 'aborted') return;
  if (body === 'too-large') throw new ServiceException(requestTooLarge(maxBytes));
  const signed = { method: request.method ?? '', url, headers: request.headers, body, requestId };
  const identity = api.authenticate(signed, 'lambda');
  if (!identity.authenticated) {
    api.journal?.refused(requestId, `${identity.error.type}: ${identity.reason}`);
    throw new ServiceException(identity.error);
  }
  const { context = {}, principal, sessionPolicy } = identity.credentials;
  const caller = { principal, region: identity.region, context, ...(sessionPolicy && { sessionPolicy }) };
  await run({ ...api, requestId, request, response, body, query: queryOf(url), functionName, member, caller });
}

function findOperation(request: IncomingMessage): {
  run: Operation;
  functionName: string;
  member?: string | undefined;
} {
  const path = pathOf(request);
  for (const { method, path: pattern, run } of OPERATIONS) {
    const [, name, member] = (request.method === method && pattern.exec(path)) || [];
    if (name !== undefined) {
      return { run, functionName: decodeEscapes(name), ...(member !== undefined && { member: decodeEscapes(member) }) };
    }
  }
  request.resume();
  throw new ServiceException(unknownOperation(request.method ?? '', path));
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?')[0] ?? '/';
}

function queryOf(url: string): URLSearchParams {
  const start = url.indexOf('?');
  return new URLSearchParams(start < 0 ? '' : url.slice(start + 1));
}

function describe(error: unknown): string {
  return (error as Error | undefined)?.message ?? String(error);
}

/**
 * Other AWS services, as functions and tests reach them: by a handler of the test, by what the deployed stacks tell, or
 * by a refusal in the service's own protocol that says who asked for what and how to answer it.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isObject } from '../../base/is-object';
import { type ServiceError, ServiceException, serviceErrorOf, serviceFault } from '../errors';
import { readRequestBody } from '../http/request-body';
import type { HttpRoute } from '../http/server';
import type { Authenticate, CredentialLookup } from '../http/sigv4';
import { principalAccount, principalName } from '../iam/principals';
import { BUILT_IN, type BuiltInContext } from './built-in-services';
import { callPermissions, isNameable } from './call-permissions';
import { writeServiceError, writeServiceResult } from './service-answer';
import { isServiceRequest, readServiceCall, type ServiceCall, type ServiceRequest } from './service-call';
import { answerByEndpoint } from './service-endpoint';
import { demand, type ServiceOperation } from './service-operation';

/** Answers the requests to one service, as the service would: an SDK reads what it returns. */
export type ServiceHandler = (request: Request) => Response | Promise<Response>;

/** By the name in `AWS_ENDPOINT_URL_<SERVICE>`, lower case and with hyphens: the address of an endpoint, or a handler. */
export type Services = Readonly<Record<string, string | ServiceHandler>>;

export interface ServiceRouteProps extends BuiltInContext {
  /** Services beside the built-in ones, by signing name and operation. */
  readonly operations: Readonly<Record<string, ServiceOperation<unknown>>>;
  readonly services: Services;
  readonly authenticate: Authenticate;
  readonly lookup: CredentialLookup;
  /** Told whose call was refused, for example `dynamodb PutItem`, and in which words. */
  readonly onRefusal: (accessKeyId: string, call: string, message: string) => void;
  /** Told whose call a handler of the option `services` failed to answer. */
  readonly onFailure: (accessKeyId: string, message: string) => void;
}

/** No bucket can have this name, so no path of S3 begins with it. */
const PREFIX = /^\/_services\/([\w-]+)(?=[/?]|$)/;
const ACCESS_KEY = /Credential=([^/]+)/;
const REQUEST_MAX_BYTES = 64 * 1024 * 1024;
const TOO_LARGE = {
  type: 'RequestEntityTooLarge',
  statusCode: 413,
  message: `a request has at most ${REQUEST_MAX_BYTES} bytes here`,
};

/** The environment variables by which the SDKs of a function find the services. */
export function serviceEndpoints(services: Services, url: string): Record<string, string> {
  const entries = Object.entries(services).map(([name, service]) => [
    `AWS_ENDPOINT_URL_${name.toUpperCase().replaceAll('-', '_')}`,
    // What IAM can be asked about goes through the target, wherever it is played.
    typeof service === 'string' && !isNameable(name) ? service : `${url}/_services/${name}`,
  ]);
  return { AWS_ENDPOINT_URL: url, ...Object.fromEntries(entries) };
}

export function createServiceRoute(props: ServiceRouteProps): HttpRoute {
  return {
    matches: (request) => PREFIX.test(request.url ?? '') || isServiceRequest(request),
    handle: (request, response) => {
      serve(props, request, response).catch((error: unknown) => {
        if (response.headersSent) response.destroy();
        else response.writeHead(500).end(String((error as Error | undefined)?.message ?? error));
      });
    },
  };
}

async function serve(props: ServiceRouteProps, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const requestId = randomUUID();
  const body = await readRequestBody(incoming, REQUEST_MAX_BYTES);
  if (body === 'aborted') return;
  const url = (incoming.url ?? '/').replace(PREFIX, '');
  const request: ServiceRequest = {
    method: incoming.method ?? 'GET',
    url: url.startsWith('/') ? url : `/${url}`,
    headers: incoming.headers,
    body: body === 'too-large' ? Buffer.alloc(0) : body,
  };
  const call = readServiceCall(request);
  const [, named] = PREFIX.exec(incoming.url ?? '') ?? [];
  const handler = props.services[named ?? call.service];
  try {
    if (body === 'too-large') throw new ServiceException(TOO_LARGE);
    if (handler !== undefined) {
      const asked = { ...call, service: named ?? call.service };
      const account = requirePermissions(props, asked, request, incoming.url ?? '/');
      if (typeof handler === 'function') return await answerByHandler(handler, request, response);
      return await answerByEndpoint({ service: asked.service, endpoint: handler, account }, request, response);
    }
    const asked = `${call.signingName}.${call.operation}`;
    const operation: ServiceOperation<BuiltInContext> | undefined = BUILT_IN[asked] ?? props.operations[asked];
    if (operation === undefined) throw new ServiceException(refusal(props, call, request));
    const identity = props.authenticate({ ...request, url: incoming.url ?? '/' }, call.signingName ?? '');
    if (!identity.authenticated) throw new ServiceException(identity.error);
    const { credentials, region } = identity;
    const result = await operation(inputOf(call, request), { ...credentials, region }, props);
    writeServiceResult(response, call.operation, result, requestId);
  } catch (error) {
    const failure = serviceErrorOf(error) ?? failureOf(props, named ?? call.service, request, response, error);
    if (response.headersSent) response.destroy();
    else writeServiceError(response, call.protocol, failure, requestId);
  }
}

/** Told in the log of the function that asked, too: one that has begun to answer can only be cut. */
function failureOf(
  props: ServiceRouteProps,
  service: string,
  { headers }: ServiceRequest,
  response: ServerResponse,
  error: unknown,
): ServiceError {
  const message = `the handler of '${service}' failed${response.headersSent ? ' after it had begun to answer' : ''}: ${describe(error)}`;
  const [, accessKeyId = ''] = ACCESS_KEY.exec(headers.authorization ?? '') ?? [];
  const isClientGone = (error as NodeJS.ErrnoException | undefined)?.code === 'ERR_STREAM_PREMATURE_CLOSE';
  if (!isClientGone)
    props.onFailure(accessKeyId, `${message}; it is what startLocal({ services: { '${service}': … } }) was given`);
  return serviceFault(message);
}

/**
 * @returns the account of what is asked for, else of the caller, where the service is one whose calls have names
 * @throws a ServiceException where IAM does not let the caller
 */
function requirePermissions(
  { authenticate, authorize, state }: ServiceRouteProps,
  call: ServiceCall,
  request: ServiceRequest,
  url: string,
): string | undefined {
  if (!isNameable(call.service)) return undefined;
  // A key of Bedrock's own is not IAM's to judge.
  const isRest = call.service === 'bedrock-runtime';
  if (isRest && request.headers.authorization?.startsWith('Bearer ')) return undefined;
  const identity = authenticate({ ...request, url }, call.signingName ?? call.service);
  if (!identity.authenticated) throw new ServiceException(identity.error);
  const { credentials, region } = identity;
  const account = principalAccount(credentials.principal) ?? '';
  const partition = principalName(credentials.principal).split(':')[1] ?? 'aws';
  // Of a service whose operations are paths nothing else names one.
  const operation = isRest ? `${request.method} ${request.url.split('?')[0]}` : call.operation;
  if (!isRest) requireOneReading(call, request);
  const permissions = callPermissions({ ...call, operation }, isRest ? {} : inputOf(call, request), {
    account,
    partition,
    region,
    tablePrefix: `arn:${partition}:dynamodb:${region}:${account}:table/`,
    keysOf: (tableArn) => state.tables.get(tableArn),
  });
  for (const { action, context, resource } of permissions ?? []) {
    const protocol = call.protocol === 'query' ? 'query' : 'json';
    demand(action, resource, { ...credentials, region }, authorize, protocol, context);
  }
  // A table of another account is named by its ARN.
  return permissions?.[0]?.resource.split(':')[4] || account;
}

/** What can be read in two ways would be decided in one, and done in the other. */
function requireOneReading({ protocol, service }: ServiceCall, { body, headers, method, url }: ServiceRequest): void {
  const isForm = /^application\/x-www-form-urlencoded\b/i.test(headers['content-type'] ?? '');
  const names = protocol === 'query' ? [...new URLSearchParams(body.toString('utf8')).keys()] : [];
  const isOne =
    method === 'POST' &&
    !url.includes('?') &&
    isForm === (protocol === 'query') &&
    ['cbor', 'json', 'query'].includes(protocol) &&
    new Set(names).size === names.length;
  if (isOne) return;
  throw new ServiceException({
    type: 'ValidationException',
    statusCode: 400,
    message: `a call to ${service} is a POST without a query string, with X-Amz-Target and JSON or as a form that names each member once`,
  });
}

function inputOf({ protocol }: ServiceCall, { body }: ServiceRequest): Readonly<Record<string, unknown>> {
  const text = body.toString('utf8');
  if (protocol === 'query') return Object.fromEntries(new URLSearchParams(text));
  if (text === '') return {};
  try {
    const input: unknown = JSON.parse(text);
    if (isObject(input)) return input;
  } catch {
    // Said below: for a client it is the same.
  }
  throw new ServiceException({
    type: 'SerializationException',
    statusCode: 400,
    message: `the input of an operation must be an object in JSON, got '${text.slice(0, 100)}'`,
  });
}

async function answerByHandler(
  handler: ServiceHandler,
  request: ServiceRequest,
  response: ServerResponse,
): Promise<void> {
  const { body, headers, method, url } = request;
  const host = headers.host ?? headers[':authority'] ?? 'localhost';
  const given = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    name.startsWith(':') || value === undefined ? [] : [[name, [value].flat().join(', ')]],
  );
  const bodyless = method === 'GET' || method === 'HEAD' || body.length === 0;
  const answer = await handler(
    new Request(`http://${String(host)}${url}`, {
      method,
      headers: given,
      ...(bodyless ? {} : { body: new Uint8Array(body) }),
    }),
  );
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  if (answer.body === null) {
    response.end();
    return;
  }
  await pipeline(Readable.fromWeb(answer.body as Parameters<typeof Readable.fromWeb>[0]), response);
}

/** 400, so that no SDK tries again. */
function refusal(props: ServiceRouteProps, call: ServiceCall, { headers }: ServiceRequest): ServiceError {
  const [, accessKeyId = ''] = ACCESS_KEY.exec(headers.authorization ?? '') ?? [];
  const principal = props.lookup(accessKeyId)?.principal;
  const who = principal === undefined ? '' : ` for ${principalName(principal)}`;
  const played = Object.keys({ ...BUILT_IN, ...props.operations }).some((name) =>
    name.startsWith(`${call.signingName}.`),
  );
  const asked = played
    ? `the operation ${call.operation} of ${call.service}${who}`
    : `${call.service}, which was asked for ${call.operation}${who}`;
  const message =
    `the local target does not play ${asked}; ` +
    `give an endpoint or a handler: startLocal({ services: { '${call.service}': … } })`;
  props.onRefusal(accessKeyId, `${call.service} ${call.operation}`, message);
  return { type: 'LocalServiceUnavailable', statusCode: 400, message };
}

function describe(error: unknown): string {
  return (error as Error | undefined)?.message ?? String(error);
}
